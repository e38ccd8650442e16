/** Programs of the controller's machine. */
export { runProgram, type Program } from './run-program.ts';
