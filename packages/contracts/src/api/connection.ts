import { z } from "zod";

/** Where a client connects to, and how it knows that it is the right place: what is handed over with a login. */
export const connectionSchema = z
  .object({
    sftp: z.object({
      host: z.string(),
      port: z.int(),
      /** As `ssh-keygen -lf` prints them. Empty until the gateway has run once. */
      hostKeys: z.array(z.object({ type: z.string(), fingerprint: z.string() })),
    }),
    /** Files by e-mail; null: not offered. `{address}` stands for the part that a project's profile names. */
    mail: z
      .object({ domains: z.array(z.string()), addressPattern: z.string(), sharedAddresses: z.array(z.string()) })
      .nullable(),
    consoleUrl: z.string(),
    apiUrl: z.string(),
    landingUrl: z.string().nullable(),
    version: z.string(),
  })
  .meta({
    id: "Connection",
    example: {
      sftp: {
        host: "files.example.com",
        port: 22,
        hostKeys: [{ type: "ssh-ed25519", fingerprint: "SHA256:uNiVztksCsDhcc0u9e8BrQKcB0+OVEC0rXWeL8Yx1jA" }],
      },
      mail: {
        domains: ["in.example.com"],
        addressPattern: "{address}@in.example.com",
        sharedAddresses: ["files@in.example.com"],
      },
      consoleUrl: "https://hub.example.com",
      apiUrl: "https://hub.example.com",
      landingUrl: "https://links.example.com",
      version: "0.1.0",
    },
  });
export type Connection = z.infer<typeof connectionSchema>;
