/** The size that mail programs, messengers and social networks show previews at (Open Graph's 1.91:1). */
export const THUMBNAIL_WIDTH = 1200;
export const THUMBNAIL_HEIGHT = 630;
