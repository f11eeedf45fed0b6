import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type Answer, decode, encode, type Packet } from "dns-packet";

/** A name server on this machine, which knows what it is told. */
export interface NameServer {
  /** As `MAIL_DNS` wants it. */
  readonly address: string;
  /** Publishes a TXT record, in place of those of that name. */
  publish(name: string, text: string): void;
  withdraw(name: string): void;
  /** `servfail`: it answers every question with a failure of its own. */
  behave(how: "well" | "servfail"): void;
  /** The names that it was asked for. */
  readonly asked: string[];
  close(): Promise<void>;
}

const AUTHORITATIVE = 1 << 10;
const RCODE = { ok: 0, servfail: 2, nxdomain: 3 };
/** A TXT record's strings have 255 bytes at most. */
const PIECE = 250;

/** Opens a name server on a free port. */
export async function openNameServer(): Promise<NameServer> {
  const texts = new Map<string, string>();
  const asked: string[] = [];
  let fails = false;
  const socket = createSocket("udp4", (bytes, { address, port }) => {
    const query: Packet = decode(bytes);
    const [question] = query.questions ?? [];
    const name = question?.name.toLowerCase() ?? "";
    asked.push(name);
    const text = texts.get(name);
    const answers: Answer[] =
      text !== undefined && question?.type === "TXT" && !fails
        ? [{ type: "TXT", name, ttl: 0, data: text.match(new RegExp(`.{1,${PIECE}}`, "g")) ?? [] }]
        : [];
    const isThere = text !== undefined || [...texts.keys()].some((known) => known.endsWith(`.${name}`));
    const rcode = fails ? RCODE.servfail : isThere ? RCODE.ok : RCODE.nxdomain;
    const answer = { type: "response" as const, id: query.id ?? 0, questions: query.questions ?? [], answers };
    socket.send(encode({ ...answer, flags: AUTHORITATIVE | rcode }), port, address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return {
    address: `127.0.0.1:${socket.address().port}`,
    publish: (name, text) => void texts.set(name.toLowerCase(), text),
    withdraw: (name) => void texts.delete(name.toLowerCase()),
    behave: (how) => {
      fails = how === "servfail";
    },
    asked,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}
