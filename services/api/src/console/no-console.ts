/** What stands where the console would be, while it was not built. */
export const NO_CONSOLE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Inlet</title>
</head>
<body>
<h1>The console is not built yet</h1>
<p>In the folder of Inlet: <code>npm start</code> builds it, and so does <code>pnpm --filter @inlet/console build</code>.
The API needs no restart.</p>
<p>The API itself is here: its description is at <a href="/docs">/docs</a>, and the command line works as ever.</p>
</body>
</html>
`;
