export { CARD_HEIGHT, CARD_WIDTH, type CardInput, drawCard } from "./card/draw-card.ts";
export type { DrawableFilm, Drawing, DrawnLayer, Picture, ReadAsset } from "./drawing.ts";
export { type Fonts, openFonts } from "./fonts/open-fonts.ts";
export { openDrawing } from "./open-drawing.ts";
export { encodePng } from "./png/encode-png.ts";
export { MAX_IMAGE_BYTES, type RemadeImage, remakeImage } from "./remake/remake-image.ts";
export { drawableRow, drawableText } from "./text/drawable-text.ts";
