import { readFile } from "node:fs/promises";
import { crc32, deflateSync } from "node:zlib";
import { type StoredAsset, type StoryboardInput, storyboardSchema } from "@inlet/contracts";
import type { PageFilm } from "@inlet/player/page";
import { playerWords } from "@inlet/player/words";
import { filmOf, rowOf } from "@inlet/storyboard";

const VIDEO = await readFile(new URL("files/red-green-blue.mp4", import.meta.url));

/** The sample's assets by their paths. */
export const ASSETS = {
  "/a/photo": { type: "image/png", bytes: png(64, 36, (x, y) => [40 + x * 3, 90 + y * 3, 160]) },
  "/a/video": { type: "video/mp4", bytes: VIDEO },
  "/a/music": { type: "audio/wav", bytes: tone(2, 330) },
  "/a/voice": { type: "audio/wav", bytes: tone(8, 440) },
};

const stored = (name: string, kind: StoredAsset["kind"], mediaType: StoredAsset["mediaType"]): StoredAsset => ({
  name,
  kind,
  mediaType,
  sha256: Buffer.from(name).toString("hex").padEnd(64, "0"),
  sizeBytes: 1,
  width: kind === "audio" ? null : 64,
  height: kind === "audio" ? null : 36,
  durationMs: { image: null, video: 3_000, audio: name === "voice" ? 8_000 : 2_000 }[kind],
});
const STORED = {
  photo: stored("photo", "image", "image/webp"),
  video: stored("video", "video", "video/mp4"),
  music: stored("music", "audio", "audio/mp4"),
  voice: stored("voice", "audio", "audio/mp4"),
};

/** Three scenes, four seconds; two buttons, a chapter, captions, music. */
export const SAMPLE = {
  title: "A birthday",
  brand: { colour: "#3048e8", accent: "#ffb020" },
  surround: "#0b0d12",
  scenes: [
    {
      name: "hello",
      durationMs: 1_500,
      background: { colour: "brand", to: "#7a2ff0" },
      chapter: "Hello",
      caption: "A friendly voice says hello.",
      layers: [
        {
          kind: "shape",
          colour: "accent",
          radius: 400,
          box: { x: 880, y: -120, width: 560, height: 560 },
          opacity: 0.9,
          enter: { kind: "pop", durationMs: 600 },
        },
        {
          kind: "text",
          text: "Happy birthday, {{first_name}}!",
          font: "display",
          bold: true,
          size: 96,
          box: { x: 90, y: 170, width: 820, height: 260 },
          enter: { kind: "slide_up", durationMs: 400 },
        },
        {
          kind: "text",
          text: "We have something for you.",
          size: 40,
          vertical: "top",
          box: { x: 90, y: 450, width: 820, height: 120 },
          fromMs: 300,
        },
      ],
    },
    {
      name: "gift",
      durationMs: 1_500,
      transition: { kind: "slide", durationMs: 400 },
      background: { asset: "photo", dim: 0.4, motion: "zoom_in" },
      chapter: "Your gift",
      caption: "Paper rustles.",
      audio: { asset: "voice", volume: 0.5 },
      layers: [
        {
          kind: "text",
          text: "20 % off everything you love",
          font: "serif",
          size: 72,
          align: "centre",
          box: { x: 140, y: 150, width: 1000, height: 220 },
        },
        {
          kind: "button",
          name: "book",
          label: "Choose now",
          url: "https://shop.example.org/?for={{first_name}}",
          size: 40,
          bold: true,
          align: "centre",
          background: "accent",
          colour: "#16181d",
          box: { x: 440, y: 430, width: 400, height: 110 },
          fromMs: 200,
        },
      ],
    },
    {
      name: "end",
      durationMs: 1_000,
      transition: { kind: "wipe", durationMs: 300 },
      background: { colour: "#0f7b5f", asset: "video" },
      layers: [
        {
          kind: "text",
          text: "See you soon",
          size: 88,
          bold: true,
          align: "centre",
          box: { x: 140, y: 260, width: 1000, height: 200 },
        },
      ],
    },
  ],
  music: { asset: "music", volume: 0.6, fadeOutMs: 500 },
  poster: { scene: "hello", atMs: 1_200 },
} satisfies StoryboardInput;

/** The same, its second scene a minute long: time for what must be done while it plays, also on a busy machine. */
export const LONG_SAMPLE: StoryboardInput = {
  ...SAMPLE,
  scenes: SAMPLE.scenes.map((scene) => (scene.name === "gift" ? { ...scene, durationMs: 60_000 } : scene)),
};

/** A page's film of a storyboard, for a row. */
export function pageFilm(
  storyboard: StoryboardInput = SAMPLE,
  values: Readonly<Record<string, string>> = { first_name: "Mira" },
  options: Partial<Omit<PageFilm, "film">> & { language?: string } = {},
): PageFilm {
  const { language, ...page } = options;
  const film = filmOf(storyboardSchema.parse(storyboard), rowOf(values), { assets: STORED, language });
  const assets = Object.fromEntries(Object.entries(STORED).map(([name, { sha256 }]) => [sha256, `/a/${name}`]));
  return { film, words: playerWords(film.language), assets, ...page };
}

/** A picture of colours. */
function png(
  width: number,
  height: number,
  colour: (x: number, y: number) => readonly [number, number, number],
): Buffer {
  const rows = Buffer.alloc(height * (1 + width * 3));
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) rows.set(colour(x, y), y * (1 + width * 3) + 1 + x * 3);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const chunk = (type: string, data: Buffer) => {
    const whole = Buffer.concat([Buffer.from(type), data]);
    const sizes = Buffer.alloc(8);
    sizes.writeUInt32BE(data.length, 0);
    sizes.writeUInt32BE(crc32(whole), 4);
    return Buffer.concat([sizes.subarray(0, 4), whole, sizes.subarray(4)]);
  };
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** A sound as WAV: 8,000 samples a second, 8 bits. */
function tone(seconds: number, hertz: number): Buffer {
  const rate = 8_000;
  const samples = Buffer.from(
    Array.from({ length: seconds * rate }, (_, index) => 128 + 60 * Math.sin((index / rate) * hertz * 2 * Math.PI)),
  );
  const header = Buffer.alloc(44);
  header.write("RIFF", 0);
  header.writeUInt32LE(36 + samples.length, 4);
  header.write("WAVEfmt ", 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write("data", 36);
  header.writeUInt32LE(samples.length, 40);
  return Buffer.concat([header, samples]);
}
