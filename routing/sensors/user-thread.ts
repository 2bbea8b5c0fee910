/**
 * One thread of user modules, seen from the event loop: takes requests, hands on replies, and watches. Code that
 * holds the thread for longer than it may ends it, and so does an exception nobody caught, `process.exit` or too
 * much memory; whose fault it was is told once. Nothing here knows what a sensor is.
 *
 * Time is counted from when a request begins, not from when it was queued, and only while both sides run: a
 * process that was suspended, or an event loop that was busy, is not blamed on a module.
 */
import { Worker } from 'node:worker_threads'
import { type Import, MARK, type Reply, type Request, type Result, type ThreadData } from './user-messages.js'

export interface Death {
  /** Index of the module that is to blame; null when it is none. */
  readonly index: number | null
  /** What happened, to follow the module's name. */
  readonly sentence: string
  /** It only took too long, which may have been the machine. */
  readonly slow: boolean
}

export interface ThreadOptions {
  files: ThreadData['files']
  /** How long one request may take, ms. */
  patience: number
  /** ms, never going back */
  monotonic: () => number
  imported: (result: Import) => void
  /** Every module is imported or refused; requests are taken from now on. */
  ready: () => void
  answered: (result: Result) => void
  /** Once, and then nothing more is heard of it. Not called by `stop`. */
  died: (death: Death) => void
  /** Called every few ms while anything is under way. */
  looked: () => void
}

export interface UserThread {
  send(request: Request): void
  /** Ends it, whatever it does. Resolves when it is gone, or after a second: a system call cannot be cut short. */
  stop(): Promise<void>
}

const IMPORT_MS = 2_000
/** How long the thread may not take up what is sent to it. */
const IDLE_MS = 1_000
const BIRTH_MS = 10_000
const GONE_MS = 1_000
/**
 * Well above what code can fill within 50 ms: V8 ends the thread at this bound, but a single allocation that
 * goes far beyond it ends the process.
 */
const HEAP_MB = 128

export function startThread(options: ThreadOptions): UserThread {
  const { files, patience, monotonic } = options
  const marks = new Int32Array(new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT))
  marks[MARK.MODULE] = -1
  const worker = new Worker(new URL('./user-types-worker.js', import.meta.url), {
    name: 'user sensor types',
    workerData: { files, marks } satisfies ThreadData,
    env: {},
    argv: [],
    execArgv: [],
    // Not into ours. Nobody reads them: a reader would keep the process alive, and the thread writes nothing.
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: 4, stackSizeMb: 4 },
  })
  const under = new Set<number>()
  let ready = false
  let over = false

  const finish = (): Promise<number> => {
    over = true
    clearInterval(timer)
    worker.unref()
    return worker.terminate()
  }

  const die = (sentence: string, slow = false): void => {
    if (over) return
    void finish()
    const index = Atomics.load(marks, MARK.MODULE)
    options.died({ index: index < 0 ? null : index, sentence, slow })
  }

  // How long the thread has been seen at the same thing.
  let at = ''
  let held = 0
  let lookedAt = 0
  const step = patience / 5
  let timer: NodeJS.Timeout | undefined

  const look = (): void => {
    if (ready && under.size === 0) {
      clearInterval(timer)
      timer = undefined
      return worker.unref()
    }
    const passed = monotonic() - lookedAt
    lookedAt += passed
    const [begun, ended] = [Atomics.load(marks, MARK.BEGUN), Atomics.load(marks, MARK.ENDED)]
    if (at === `${begun} ${ended}`) held += Math.min(passed, 2 * step)
    else {
      at = `${begun} ${ended}`
      held = 0
    }
    if (begun === 0) {
      if (held >= BIRTH_MS) die(`did not start within ${BIRTH_MS} ms`)
    } else if (begun === ended) {
      if (held >= IDLE_MS) die(`kept the thread busy for ${IDLE_MS} ms after it had returned`, true)
    } else if (begun < 0) {
      if (held >= IMPORT_MS) die(`did not finish its import within ${IMPORT_MS} ms`, true)
    } else if (held >= patience) die(`did not return within ${patience} ms`, true)
    options.looked()
  }

  const watch = (): void => {
    if (timer) return
    worker.ref()
    at = ''
    lookedAt = monotonic()
    timer = setInterval(look, step).unref()
  }

  worker.on('message', (reply: Reply | null) => {
    if (over) return
    switch (reply?.kind) {
      case 'imported':
      case 'refused':
        return options.imported(reply)
      case 'ready':
        ready = true
        return options.ready()
      case 'answer':
      case 'nonsense':
      case 'threw':
        under.delete(reply.id)
        return options.answered(reply)
      default:
      // A module can reach the port too; what it says there is not for us.
    }
  })
  worker.on('error', (error: Error & { code?: string }) => {
    const memory = error?.code === 'ERR_WORKER_OUT_OF_MEMORY'
    const words = String(error?.message ?? error).slice(0, 200)
    die(memory ? `took more than ${HEAP_MB} MB of memory` : `threw when nobody could catch it: ${words}`)
  })
  worker.on('exit', () => die('ended the thread'))
  watch()

  return {
    send(request) {
      under.add(request.id)
      worker.postMessage(request)
      watch()
    },
    async stop() {
      let deadline: NodeJS.Timeout | undefined
      const tired = new Promise<void>((resolve) => {
        deadline = setTimeout(resolve, GONE_MS)
      })
      await Promise.race([finish(), tired])
      clearTimeout(deadline)
    },
  }
}
