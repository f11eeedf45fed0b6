/**
 * The page's policy lets nobody make code of text, and zod would try whether it may. It looks here before it does, so that
 * this file is imported before the first schema.
 */
(globalThis as { __zod_globalConfig?: { jitless?: boolean } }).__zod_globalConfig = { jitless: true };
