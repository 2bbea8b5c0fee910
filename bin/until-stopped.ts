/** How a command that runs until it is told to stop is told to stop: a signal, or the time it was given. */

/** Resolves with the signal, or `time` after so many ms. A second signal ends the process, as it always does. */
export const untilStopped = (ms?: number): Promise<NodeJS.Signals | 'time'> =>
  new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal))
    if (ms !== undefined) setTimeout(() => resolve('time'), ms).unref()
  })
