import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

/** An SMTP conversation by hand: for what no mail program does. */
export class Dialog {
  #socket: Socket;
  #received = "";
  #ended = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen();
  }

  /** Connects and reads the greeting. */
  static async open(port: number): Promise<Dialog> {
    const socket = connect(port, "127.0.0.1");
    const dialog = new Dialog(socket);
    await dialog.answer();
    return dialog;
  }

  /** Connects, encrypts, and says who is there. */
  static async openSecure(port: number): Promise<Dialog> {
    const dialog = await Dialog.open(port);
    await dialog.say("EHLO mx.client.example");
    await dialog.say("STARTTLS");
    dialog.#socket.removeAllListeners();
    dialog.#socket = connectTls({ socket: dialog.#socket, rejectUnauthorized: false });
    await once(dialog.#socket, "secureConnect");
    dialog.#listen();
    await dialog.say("EHLO mx.client.example");
    return dialog;
  }

  #listen(): void {
    this.#socket.on("data", (bytes: Buffer) => {
      this.#received += bytes.toString("latin1");
      this.#socket.emit("heard");
    });
    this.#socket.on("error", () => {});
    this.#socket.on("close", () => {
      this.#ended = true;
      this.#socket.emit("heard");
    });
  }

  /** Sends a line and reads what comes back. */
  async say(line: string): Promise<string> {
    this.send(`${line}\r\n`);
    return await this.answer();
  }

  send(bytes: string | Buffer): void {
    this.#socket.write(bytes);
  }

  /** The next whole answer; empty when the other side has hung up. */
  async answer(): Promise<string> {
    for (;;) {
      const whole = /^(?:\d{3}-[^\r\n]*\r\n)*\d{3}(?: [^\r\n]*)?\r\n/.exec(this.#received)?.[0];
      if (whole !== undefined) {
        this.#received = this.#received.slice(whole.length);
        return whole.trimEnd();
      }
      if (this.#ended) return "";
      await once(this.#socket, "heard");
    }
  }

  hangUp(): void {
    this.#socket.destroy();
  }
}
