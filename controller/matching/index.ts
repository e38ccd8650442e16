/** Which nodes satisfy what a job asks for: by their labels, and by what they are made from. */
export { createLabelMatcher, type LabelMatcher, type Labels } from './matcher.ts';
export { hasWantedImage, imageKindOf, pinOf, wishKey } from './wanted-image.ts';
