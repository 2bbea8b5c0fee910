/**
 * The thread in which the modules of users run: imports them one after another, then converts one number at a
 * time. It says in shared memory what it is at, before it begins, because a module that never returns lets it say
 * nothing afterwards. It keeps modules from mistakes, not from malice: they are the operator's own code.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { pathToFileURL } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'
import { readAnswer } from './user-answer.js'
import { readModule, type UserModule } from './user-description.js'
import { type Import, MARK, type Reply, type Request, type Result, type ThreadData } from './user-messages.js'

const port = parentPort!
const { files, marks } = workerData as ThreadData
const modules: (UserModule | undefined)[] = []
/** Which module's code something asynchronous belongs to. */
const scope = new AsyncLocalStorage<number>()

const immediate = setImmediate
const nextTurn = (): Promise<void> => new Promise((resolve) => void immediate(resolve))

// What runs later runs on nobody's account: it could delay or end the conversions of others.
for (const timer of ['setTimeout', 'setInterval', 'setImmediate'] as const)
  Object.defineProperty(globalThis, timer, {
    value: () => {
      throw new Error(`a sensor type has no ${timer}: it must answer at once`)
    },
  })

// What modules print goes nowhere: kaiser's own output is lines of JSON.
for (const stream of [process.stdout, process.stderr]) stream.write = () => true

/** The line of the module that a stack begins at. */
const lineIn = (stack: string): string => {
  const frame = stack.split('\n').find((line) => line.includes('at ') && line.includes('file://'))
  const line = frame?.includes(import.meta.url) ? undefined : /:(\d+):\d+\)?$/.exec(frame ?? '')?.[1]
  return line ? ` (line ${line})` : ''
}

/** What was thrown, in a short sentence; it may be anything, also what cannot be shown. */
const explain = (error: unknown): string => {
  try {
    const [words] = String(error).slice(0, 200).split('\n')
    return words + (error instanceof Error ? lineIn(String(error.stack)) : '')
  } catch {
    return 'something that cannot be shown'
  }
}

const begin = (id: number, index: number): void => {
  Atomics.store(marks, MARK.MODULE, index)
  Atomics.store(marks, MARK.BEGUN, id)
}
const end = (id: number): void => void Atomics.store(marks, MARK.ENDED, id)

const reply = (message: Reply): void => port.postMessage(message)

const load = async (index: number): Promise<Import> => {
  const { file, path } = files[index]!
  try {
    const exports = (await import(pathToFileURL(path).href)) as { default?: unknown }
    const module = readModule(exports.default, file)
    if (typeof module === 'string') return { kind: 'refused', index, sentence: module }
    modules[index] = module
    return { kind: 'imported', index, description: module.description }
  } catch (error) {
    // Whether a `.js` file is a module depends on Node's version and on package.json files above it.
    const script = file.endsWith('.js') && error instanceof SyntaxError && /export|import/.test(error.message)
    const hint = script ? '; name it .mjs' : ''
    return { kind: 'refused', index, sentence: `cannot be imported: ${explain(error)}${hint}` }
  }
}

const run = ({ id, index, operation, number, conversion }: Request): Result => {
  const module = modules[index]
  if (!module) return { kind: 'threw', id, index, sentence: 'threw before' }
  try {
    const returned =
      operation === 'convert' ? module.convert(number, conversion) : (module.simulate?.(number) ?? null)
    const answer = readAnswer(returned)
    if (typeof answer !== 'string') return { kind: 'answer', id, index, answer }
    return { kind: 'nonsense', id, index, sentence: `${operation}(${number}) ${answer}` }
  } catch (error) {
    // What is queued for it already is not tried.
    modules[index] = undefined
    return { kind: 'threw', id, index, sentence: `${operation}(${number}) threw ${explain(error)}` }
  }
}

// The thread ends with what nobody caught; whose it was is told first.
process.on('uncaughtExceptionMonitor', () => {
  const index = scope.getStore()
  if (index !== undefined) Atomics.store(marks, MARK.MODULE, index)
})

// It listens before it imports: with nothing to listen to, a module that awaits for ever would end the thread.
port.on('message', (request: Request) => {
  begin(request.id, request.index)
  const message = scope.run(request.index, run, request)
  end(request.id)
  reply(message)
})

for (const index of files.keys()) {
  begin(-1 - index, index)
  const message = await scope.run(index, load, index)
  // What the module left to be done at once is done on its account.
  await nextTurn()
  end(-1 - index)
  reply(message)
}
reply({ kind: 'ready' })
