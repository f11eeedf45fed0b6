/** How a file came. */
export const SOURCE_WORDS: Readonly<Record<string, string>> = {
  gateway: "SFTP",
  sftp: "Fetched by SFTP",
  upload: "Upload",
  email: "E-mail",
  pull: "Pulled",
};
