/** Files of the controller's own: read and replaced whole, whatever else goes on with them. */
export { codeOf } from './error-code.ts';
export { createFile, readJson, replaceFile } from './json-file.ts';
export { makeMarkedFolder, removeMarkedFolder, removeRemains, type MarkedFolder } from './marked-folder.ts';
export { readTail } from './read-tail.ts';
export { removeTree } from './remove-tree.ts';
