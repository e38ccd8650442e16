/** Sends the signal to every process of the group; false if there is none left. */
export function signalGroup(group: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch (error) {
    // Gone, or all of it belongs to another user by now (a setuid program): then it is not ours to kill.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
