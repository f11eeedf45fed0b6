import { describe, expect, test } from "vitest";
import { judgeSender } from "./judge-sender.ts";

const SERVER = "mx.example.net";

/** A header of these fields, topmost first. */
const headerOf = (...fields: string[]) =>
  Buffer.from(`${fields.join("\r\n")}\r\n\r\nFrom: body@example.org\r\n`, "latin1");
const results = (text: string, server = SERVER) => `Authentication-Results: ${server}; ${text}`;
const FROM = "From: Data <data@client.example>";
const judged = (...fields: string[]) => judgeSender(headerOf(...fields), SERVER);

const dmarc = { authenticated: true, address: "data@client.example", by: "dmarc", domain: "client.example" };
const refusedAs = (code: string) => ({ authenticated: false, code });

describe("what a trusted server says", () => {
  test.each([
    ["DMARC", results("dmarc=pass header.from=client.example")],
    [
      "among others",
      results("spf=pass smtp.mailfrom=x@y.example; dmarc=pass (p=reject) header.from=client.example; dkim=none"),
    ],
    ["in any case", "authentication-RESULTS: MX.Example.NET; DMARC=Pass header.From=Client.Example"],
    [
      "folded",
      results("\r\n dkim=pass (2048-bit key)\r\n\theader.d=other.example;\r\n\tdmarc=pass header.from=client.example"),
    ],
    ["with a version", `Authentication-Results: ${SERVER} 1; dmarc/1 = pass header.from=client.example`],
    [
      "its name quoted, after a comment",
      `Authentication-Results: (ours) "${SERVER}" ; dmarc=pass header.from="client.example";`,
    ],
    [
      "by rspamd",
      results(
        'dkim=pass header.d=client.example header.s=s1 header.b=mQ/+x=; spf=pass (mx: domain of "x" designates 192.0.2.1 as permitted sender) smtp.mailfrom="b=1"@client.example; dmarc=pass (policy=none) header.from=client.example',
      ),
    ],
    ["by Microsoft", results("dmarc=pass action=none header.from=client.example;compauth=pass reason=100")],
    [
      "by Google",
      results(
        'dkim=pass header.i=@client.example header.s=x header.b="a+/"; dmarc=pass (p=NONE sp=NONE dis=NONE) header.from=client.example',
      ),
    ],
  ])("%s", (_what, field) => {
    expect(judged("Received: by mx", field, FROM)).toEqual(dmarc);
  });

  test.each([
    ["the very domain", "dkim=pass header.d=client.example", "client.example"],
    ["a subdomain signs", "dkim=pass header.d=mail.Client.example", "mail.client.example"],
    ["the identity alone", "dkim=pass header.i=robot@client.example", "client.example"],
    [
      "another signature beside it",
      "dkim=pass header.d=esp.example; dkim=pass header.d=client.example",
      "client.example",
    ],
    [
      "DMARC found no policy",
      "dmarc=none header.from=client.example; dkim=pass header.d=client.example",
      "client.example",
    ],
  ])("DKIM: %s", (_what, text, domain) => {
    expect(judged(results(text), FROM)).toEqual({
      authenticated: true,
      address: "data@client.example",
      by: "dkim",
      domain,
    });
  });

  test("DKIM: the organisation signs for its subdomain", () => {
    const header = headerOf(results("dkim=pass header.d=client.co.uk"), "From: a@data.client.co.uk");
    expect(judgeSender(header, SERVER)).toMatchObject({ authenticated: true, domain: "client.co.uk" });
  });

  test.each([
    ["nothing", "none"],
    ["nothing, with a version", "none ;"],
    ["SPF alone", "spf=pass smtp.mailfrom=data@client.example"],
    ["DMARC passed for another domain", "dmarc=pass header.from=evil.example"],
    ["DMARC passed for a domain that ends alike", "dmarc=pass header.from=notclient.example"],
    ["DMARC passed for a subdomain", "dmarc=pass header.from=sub.client.example"],
    ["DMARC passed, for whom it does not say", "dmarc=pass"],
    ["DMARC passed for two", "dmarc=pass header.from=client.example header.from=evil.example"],
    ["a guess", "dmarc=bestguesspass header.from=client.example"],
    ["DKIM of another domain", "dkim=pass header.d=evil.example"],
    ["DKIM of one that ends alike", "dkim=pass header.d=evilclient.example"],
    ["DKIM of a top-level domain", "dkim=pass header.d=example"],
    ["DKIM that failed", "dkim=fail header.d=client.example"],
    ["DKIM of two", "dkim=pass header.d=client.example header.d=evil.example"],
    [
      "DKIM whose identity names the domain and whose signer is another",
      "dkim=pass header.i=@client.example header.d=evil.example",
    ],
    ["a pass in a comment", "dmarc=none (dmarc=pass header.from=client.example)"],
    ["a pass in a comment in a comment", "dmarc=none (a (b; dmarc=pass) ; dmarc=pass header.from=client.example)"],
    ["a pass behind an escaped bracket", "dmarc=none (a \\) ; dmarc=pass header.from=client.example)"],
    ["a pass in a reason", 'dkim=fail reason="x; dmarc=pass header.from=client.example" header.d=client.example'],
    ["a pass behind an escaped quote", 'dkim=fail reason="x\\"; dmarc=pass header.from=client.example; y=\\""'],
    [
      "a pass in a sender's quoted name",
      'spf=pass smtp.mailfrom="; dmarc=pass header.from=client.example;"@evil.example',
    ],
  ])("%s proves nothing", (_what, text) => {
    expect(judged(results(text), FROM)).toMatchObject(refusedAs("not_authenticated"));
  });

  test("neighbours on a shared host are two organisations", () => {
    const header = headerOf(results("dkim=pass header.d=mallory.github.io"), "From: a@client.github.io");
    expect(judgeSender(header, SERVER)).toMatchObject(refusedAs("not_authenticated"));
  });

  test("nor does anybody sign for all of a public suffix", () => {
    const header = headerOf(results("dkim=pass header.d=co.uk"), "From: a@client.co.uk");
    expect(judgeSender(header, SERVER)).toMatchObject(refusedAs("not_authenticated"));
  });

  test("DMARC that failed outweighs a valid signature and a second verdict", () => {
    const both =
      "dmarc=pass header.from=client.example; dkim=pass header.d=client.example; dmarc=fail header.from=client.example";
    expect(judged(results(both), FROM)).toMatchObject({ ...refusedAs("dmarc_failed"), address: "data@client.example" });
  });

  test.each([
    ["an open comment", "dmarc=pass header.from=client.example (and so on"],
    ["an open quote", 'dmarc=pass header.from=client.example reason="x'],
    ["no equals sign", "dmarc pass header.from=client.example"],
    ["no result", "dmarc= ; dkim=pass header.d=client.example"],
    ["no value", "dmarc=pass header.from= ; dkim=pass header.d=client.example"],
    ["stray words", "dmarc=pass header.from=client.example evil.example"],
    ["a stray bracket", "dmarc=pass header.from=client.example)"],
    ["no semicolon", "dmarc=pass header.from=client.example dkim=pass , header.d=x"],
  ])("with %s it is not read at all", (_what, text) => {
    expect(judged(results(text), FROM)).toMatchObject(refusedAs("results_malformed"));
  });
});

describe("what others say", () => {
  const forged = results("dmarc=pass header.from=client.example");

  test("without the server's own word there is none", () => {
    expect(judged(FROM)).toMatchObject({ ...refusedAs("results_missing"), address: "data@client.example" });
  });

  test.each([
    "evil.example",
    "example.net",
    "mx.example.net.evil.example",
    "xmx.example.net",
    `"${SERVER};"`,
    "spf=pass",
  ])("%s is not believed", (server) => {
    expect(judged(results("dmarc=pass header.from=client.example", server), FROM)).toMatchObject(
      refusedAs("results_missing"),
    );
  });

  test("what the sender wrote in the server's name stands below the server's own word", () => {
    const own = results("dmarc=fail header.from=client.example");
    expect(judged("Received: by mx", own, forged, "Received: from evil", forged, FROM)).toMatchObject(
      refusedAs("dmarc_failed"),
    );
    expect(judged(results("none"), forged, FROM)).toMatchObject(refusedAs("not_authenticated"));
    expect(judged(results("dmarc=("), forged, FROM)).toMatchObject(refusedAs("results_malformed"));
  });

  // A quoted local part may hold anything (RFC 5321, 4.1.2), and servers repeat it in a comment without another thought.
  test.each([
    '"x) ; dmarc=pass header.from=client.example; x=y ("@evil.example',
    '"x\\" ) ; dkim=pass header.d=client.example; x=y ("@evil.example',
    'x."y) ; dkim=pass header.d=client.example; x=y (z".x@evil.example',
  ])("the sender's address %s, repeated by the server, is no word of the server's", (address) => {
    const field = results(`spf=pass (mx: domain of ${address} designates 192.0.2.1 as permitted sender) smtp.helo=x`);
    expect(judged(field, FROM)).toMatchObject(refusedAs("results_malformed"));
  });

  test("a word of another server above it changes nothing", () => {
    const other = results("dmarc=fail header.from=client.example", "scanner.example.net");
    expect(judged(other, forged, FROM)).toEqual(dmarc);
  });

  test("what stands in the body is no header", () => {
    const message = Buffer.from(`${FROM}\r\n\r\n${forged}\r\n`);
    expect(judgeSender(message, SERVER)).toMatchObject(refusedAs("results_missing"));
    expect(judgeSender(Buffer.from(`\r\n${forged}\r\n${FROM}\r\n`), SERVER)).toMatchObject({ authenticated: false });
  });
});

describe("who a message says it is from", () => {
  const pass = results("dmarc=pass header.from=client.example");

  test.each([
    "data@client.example",
    "<data@client.example>",
    "Data <data@client.example>",
    '"Doe, \\"J\\" <x@evil.example>" <data@client.example>',
    "=?utf-8?q?J=C3=BCrgen?= <data@client.example> (from <x@evil.example>)",
    "x@evil.example <data@client.example>",
    "data@client.example (Data, Inc.)",
    "\r\n Data\r\n <data@client.example>",
  ])("%s", (value) => {
    expect(judged(pass, `From: ${value}`)).toEqual(dmarc);
  });

  test.each([
    "data@client.example, x@evil.example",
    "<data@client.example>, <x@evil.example>",
    "<data@client.example> <x@evil.example>",
    "Data <x@evil.example> data@client.example",
    "<<data@client.example>>",
    "group: data@client.example;",
    "<@evil.example:data@client.example>",
    '"data@client.example"@evil.example',
    "data@client.example@evil.example",
    "data @ client.example",
    "(data@client.example",
    '"Data <data@client.example>',
    "d\u00e4ta@client.example",
    "data@localhost",
    "undisclosed",
    "",
  ])("%s is not read", (value) => {
    expect(judged(pass, `From: ${value}`)).toMatchObject({ ...refusedAs("from_unreadable"), address: null });
  });

  test.each([
    ["two", [FROM, "From: x@evil.example"]],
    ["two of the same", [FROM, FROM]],
    ["one with a blank", [FROM, "from : x@evil.example"]],
  ])("%s From fields are refused", (_what, fields) => {
    expect(judged(pass, ...fields)).toMatchObject(refusedAs("from_repeated"));
  });

  test("none is refused, and a Sender is none", () => {
    expect(judged(pass, "Sender: data@client.example")).toMatchObject(refusedAs("from_missing"));
  });

  test.each([
    ["a line that is no field", ["no field"]],
    ["a carriage return alone", ["Subject: a\rFrom: x@evil.example"]],
    ["a zero byte", ["Subject: a\0b"]],
    ["mbox's own first line", ["From data@client.example Mon"]],
  ])("a header with %s is refused", (_what, fields) => {
    expect(judged(...fields, pass, FROM)).toMatchObject(refusedAs("header_malformed"));
  });

  test("a continuation without a field is refused", () => {
    expect(judgeSender(Buffer.from(` x\r\n${pass}\r\n${FROM}\r\n\r\n`), SERVER)).toMatchObject(
      refusedAs("header_malformed"),
    );
  });

  test("line feeds alone end lines, too", () => {
    expect(judgeSender(Buffer.from(`${pass}\n${FROM}\n\nbody`), SERVER)).toEqual(dmarc);
  });
});
