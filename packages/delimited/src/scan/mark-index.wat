;; The positions of the bytes that mean something to the scanner, found 64 bytes at a time.
;;
;; Memory: 0 to 15 and 16 to 31 say which bytes are marks, by their low and their high half: byte b is one when
;; low[b & 15] & high[b >> 4] is not 0, so that eight different bytes have a bit each. From 64 on lie the bytes (65,536 at most,
;; and 64 more that may be read, but never count), from 65,664 on the answer, 32-bit positions.
;;
;; mark-index.wasm is this file, assembled; mark-index.test.ts sees to it that they are the same.
(module
  (memory (export "memory") 6)

  ;; The marks among the 16 bytes at $at, one bit each.
  (func $bits (param $at i32) (result i64)
    (local $bytes v128)
    (local.set $bytes (v128.load offset=64 (local.get $at)))
    (i64.extend_i32_u
      (i8x16.bitmask
        (i8x16.ne
          (v128.const i64x2 0 0)
          (v128.and
            (i8x16.swizzle
              (v128.load (i32.const 0))
              (v128.and (local.get $bytes) (v128.const i64x2 0x0f0f0f0f0f0f0f0f 0x0f0f0f0f0f0f0f0f)))
            (i8x16.swizzle
              (v128.load (i32.const 16))
              (i8x16.shr_u (local.get $bytes) (i32.const 4))))))))

  ;; Writes the positions of all marks among the first $length bytes, $base added to each. Returns how many there are.
  (func (export "index") (param $length i32) (param $base i32) (result i32)
    (local $at i32) (local $out i32) (local $next i32) (local $mask i64)
    (local.set $out (i32.const 65664))
    (block $done
      (loop $stretch
        (br_if $done (i32.ge_u (local.get $at) (local.get $length)))
        (local.set $mask
          (i64.or
            (i64.or
              (call $bits (local.get $at))
              (i64.shl (call $bits (i32.add (local.get $at) (i32.const 16))) (i64.const 16)))
            (i64.or
              (i64.shl (call $bits (i32.add (local.get $at) (i32.const 32))) (i64.const 32))
              (i64.shl (call $bits (i32.add (local.get $at) (i32.const 48))) (i64.const 48)))))
        ;; What lies after the end does not count.
        (if (i32.gt_u (i32.add (local.get $at) (i32.const 64)) (local.get $length))
          (then
            (local.set $mask
              (i64.and
                (local.get $mask)
                (i64.sub
                  (i64.shl (i64.const 1) (i64.extend_i32_u (i32.sub (local.get $length) (local.get $at))))
                  (i64.const 1))))))
        (local.set $next
          (i32.add (local.get $out) (i32.shl (i32.wrap_i64 (i64.popcnt (local.get $mask))) (i32.const 2))))
        ;; Four at once, without asking how many there are: what is too much is written over by the next ones.
        (block $written
          (loop $four
            (br_if $written (i32.ge_u (local.get $out) (local.get $next)))
            (i32.store (local.get $out) (i32.add (local.get $base) (i32.wrap_i64 (i64.ctz (local.get $mask)))))
            (local.set $mask (i64.and (local.get $mask) (i64.sub (local.get $mask) (i64.const 1))))
            (i32.store offset=4 (local.get $out) (i32.add (local.get $base) (i32.wrap_i64 (i64.ctz (local.get $mask)))))
            (local.set $mask (i64.and (local.get $mask) (i64.sub (local.get $mask) (i64.const 1))))
            (i32.store offset=8 (local.get $out) (i32.add (local.get $base) (i32.wrap_i64 (i64.ctz (local.get $mask)))))
            (local.set $mask (i64.and (local.get $mask) (i64.sub (local.get $mask) (i64.const 1))))
            (i32.store offset=12 (local.get $out) (i32.add (local.get $base) (i32.wrap_i64 (i64.ctz (local.get $mask)))))
            (local.set $mask (i64.and (local.get $mask) (i64.sub (local.get $mask) (i64.const 1))))
            (local.set $out (i32.add (local.get $out) (i32.const 16)))
            (br $four)))
        (local.set $out (local.get $next))
        (local.set $at (i32.add (local.get $at) (i32.const 64)))
        (local.set $base (i32.add (local.get $base) (i32.const 64)))
        (br $stretch)))
    (i32.shr_u (i32.sub (local.get $out) (i32.const 65664)) (i32.const 2))))
