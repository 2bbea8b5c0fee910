/** Modules of users that misbehave: real threads. Whatever one does, it hurts its own readings only, and these are raw. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import { until } from '../../support/until.js'
import { module, openUserTypes, PLAIN } from './user-open.js'

t.setTimeout(110_000)

t.test('an endless loop is stopped; neither the event loop nor other modules wait for it', async (t) => {
  const types = await openUserTypes(t, {
    'good.mjs': module('good', 'return native + 1'),
    'endless.mjs': module('endless', 'for (;;);'),
  })
  let longest = 0
  let last = performance.now()
  const beat = setInterval(() => {
    longest = Math.max(longest, performance.now() - last)
    last = performance.now()
  }, 5)
  const begun = performance.now()
  const stuck = types.convert('endless', 1, PLAIN)
  const alsoStuck = types.convert('endless', 2, PLAIN)
  const others = Array.from({ length: 100 }, (_, native) => types.convert('good', native, PLAIN))
  t.equal(await stuck, undefined)
  const stopped = performance.now() - begun
  t.equal(await alsoStuck, undefined)
  t.same(
    (await Promise.all(others)).map((answer) => answer?.value),
    others.map((_, native) => native + 1),
  )
  const served = performance.now() - begun
  clearInterval(beat)
  t.comment(`stopped after ${stopped} ms, others served after ${served} ms, longest beat ${longest} ms`)
  t.ok(stopped >= 50 && stopped < 1_000, `stopped after ${stopped} ms`)
  t.ok(served < 2_000, `others served after ${served} ms`)
  t.ok(longest < 200, `the event loop was away for ${longest} ms`)
  t.same(types.failures, [
    { file: 'endless.mjs', type: 'endless', error: 'endless.mjs: did not return within 50 ms' },
  ])
  t.match(types.types(), [
    { file: 'endless.mjs', state: 'bypassed', error: 'endless.mjs: did not return within 50 ms' },
    { file: 'good.mjs', state: 'ready' },
  ])
  t.ok(types.known.has('endless'), 'it is still a type, whose readings are raw')
  t.equal(await types.convert('endless', 1, PLAIN), undefined)

  types.write('endless.mjs', module('endless', 'return 7'))
  await until(async () => (await types.convert('endless', 1, PLAIN))?.value === 7, 'the corrected one')
})

t.test('what was too slow is tried again after a rest, each time a longer one', async (t) => {
  let ahead = 0
  const types = await openUserTypes(
    t,
    { 'slow.mjs': module('slow', 'if (native === 0) for (;;); return native') },
    { monotonic: () => performance.now() + ahead },
  )
  t.equal(await types.convert('slow', 0, PLAIN), undefined)
  t.equal(await types.convert('slow', 5, PLAIN), undefined)
  ahead = 5 * 60_000
  await until(async () => (await types.convert('slow', 5, PLAIN))?.value === 5, 'the retry')
  t.equal(await types.convert('slow', 0, PLAIN), undefined)
  ahead += 5 * 60_000
  await new Promise((resolve) => setTimeout(resolve, 300))
  t.equal(await types.convert('slow', 5, PLAIN), undefined, 'not yet')
  ahead += 5 * 60_000
  await until(async () => (await types.convert('slow', 5, PLAIN))?.value === 5, 'the second retry')
  t.equal(types.failures.length, 2)
})

/** Everything else that ends in a bypass at once; the other module goes on. */
const BAD: Readonly<Record<string, [convert: string, error: RegExp]>> = {
  'throws an error': ['throw new TypeError("no")', /^bad\.mjs: convert\(1\) threw TypeError: no \(line 1\)$/],
  'throws what cannot be shown': [
    'throw { toString() { throw 1 } }',
    /^bad\.mjs: convert\(1\) threw something that cannot be shown$/,
  ],
  'throws what is shown for ever': [
    'throw { toString() { for (;;); } }',
    /^bad\.mjs: did not return within 50 ms$/,
  ],
  'answers with what is read for ever': [
    'return { get value() { for (;;); } }',
    /^bad\.mjs: did not return within 50 ms$/,
  ],
  'leaves an endless microtask': [
    'Promise.resolve().then(() => { for (;;); }); return 1',
    /^bad\.mjs: kept the thread busy for 1000 ms/,
  ],
  'blocks without computing': [
    'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)',
    /^bad\.mjs: did not return within 50 ms$/,
  ],
  'ends its process': ['process.exit(0)', /^bad\.mjs: ended the thread$/],
  'rejects without a catch': [
    'Promise.reject(new Error("later")); return 1',
    /^bad\.mjs: threw when nobody could catch it: later$/,
  ],
  'fills the memory': [
    'globalThis.kept ??= []; for (;;) kept.push(new Array(1e6).fill(0))',
    /^bad\.mjs: (took more than 128 MB of memory|did not return within 50 ms)$/,
  ],
  'sets a timer': ['setTimeout(() => {}, 0)', /threw Error: a sensor type has no setTimeout/],
  'recurses for ever': ['const f = () => f() + 1; return f()', /threw RangeError: Maximum call stack/],
}
for (const [what, [convert, error]] of Object.entries(BAD))
  t.test(`a module that ${what} is bypassed, and the others go on`, async (t) => {
    const types = await openUserTypes(t, {
      'bad.mjs': module('bad', convert),
      'good.mjs': module('good', 'return native + 1'),
    })
    const bad = Array.from({ length: 20 }, () => types.convert('bad', 1, PLAIN))
    const others = [1, 2, 3].map((native) => types.convert('good', native, PLAIN))
    await Promise.all(bad)
    t.same(
      (await Promise.all(others)).map((answer) => answer?.value),
      [2, 3, 4],
    )
    await until(() => types.failures.length > 0, 'the report')
    t.match(types.failures, [{ file: 'bad.mjs', type: 'bad', error }])
    t.equal(types.failures.length, 1)
    t.equal(await types.convert('bad', 1, PLAIN), undefined)
    t.same(await types.convert('good', 1, PLAIN), { value: 2, quality: 'good' })
  })

t.test('a module must answer at once: what is async is raw, and bypassed when it throws', async (t) => {
  const types = await openUserTypes(t, {
    'bad.mjs': `export default { type: 'bad', unit: '', async convert(native) { return native.x.y } }`,
  })
  t.equal(await types.convert('bad', 1, PLAIN), undefined)
  await until(() => types.failures.length === 2, 'both reports')
  t.match(types.failures, [
    { error: 'bad.mjs: convert(1) returned a promise; the answer must be there at once' },
    { error: /^bad\.mjs: threw when nobody could catch it: Cannot read/ },
  ])
  t.match(types.types(), [{ file: 'bad.mjs', state: 'bypassed' }])
})

t.test('what is thrown much later is blamed on the module it belongs to', async (t) => {
  const types = await openUserTypes(t, {
    'bad.mjs': `import { stat } from 'node:fs'
      export default { type: 'bad', unit: '', convert(native) {
        stat('/', () => { throw new Error('in a callback') })
        return native
      } }`,
    'good.mjs': module('good', 'return native + 1'),
  })
  void types.convert('bad', 1, PLAIN)
  for (let native = 0; native < 200; native++)
    t.equal((await types.convert('good', native, PLAIN))?.value, native + 1)
  await until(() => types.failures.length > 0, 'the report')
  t.match(types.failures, [{ file: 'bad.mjs', error: /in a callback/ }])
})

t.test('an answer that means nothing leaves the reading raw, and is told once', async (t) => {
  const answers: [text: string, error: string][] = [
    ['NaN', 'returned NaN'],
    ['Infinity', 'returned Infinity'],
    ['"12"', 'returned "12"'],
    ['undefined', 'returned undefined'],
    ['true', 'returned true'],
    ['10n', 'returned a bigint'],
    ['[1]', 'returned { value: undefined }'],
    ['{ value: "1" }', 'returned { value: "1" }'],
    ['{ value: 1, quality: "great" }', 'returned the quality "great"'],
    ['{ value: "x".repeat(1e6), more: new Array(1e5).fill({}) }', 'a text of 1000000 characters'],
    ['Promise.resolve(1)', 'returned a promise'],
    ['new Proxy({}, {})', 'returned { value: undefined }'],
  ]
  const types = await openUserTypes(
    t,
    Object.fromEntries(
      answers.map(([text], at) => [`${at}.mjs`, module(`t${at}`, `return native ? ${text} : 1`)]),
    ),
  )
  for (const [at, [text, error]] of answers.entries()) {
    t.equal(await types.convert(`t${at}`, 1, PLAIN), undefined, text)
    t.equal(await types.convert(`t${at}`, 1, PLAIN), undefined, text)
    t.equal((await types.convert(`t${at}`, 0, PLAIN))?.value, 1, 'and then it converts again')
    const told = types.failures.filter(({ file }) => file === `${at}.mjs`)
    t.equal(told.length, 1)
    t.match(told[0]!.error, error)
  }
})

t.test('who waits is answered in any case, and only so many may wait', async (t) => {
  const types = await openUserTypes(t, {
    'busy.mjs': module(
      'busy',
      'const end = performance.now() + 20; while (performance.now() < end); return 1',
    ),
  })
  const begun = performance.now()
  const answers = await Promise.all(Array.from({ length: 1_200 }, () => types.convert('busy', 1, PLAIN)))
  t.ok(performance.now() - begun < 5_000)
  t.ok(answers[0], 'the first is converted')
  t.equal(answers.at(-1), undefined, 'the last is not')
  t.match(types.failures, [{ file: 'busy.mjs', error: /more than 1000 conversions wait/ }])
  t.equal(types.failures.length, 1)
})

t.test('a module prints nothing into the log, and keeps no process alive', async (t) => {
  const noise = "console.log('noise'); console.error('noise'); process.stdout.write('noise');"
  const types = await openUserTypes(t, {
    'noisy.mjs': `${noise}${module('noisy', `for (let i = 0; i < 100; i++) { ${noise} } return native`)}`,
  })
  const script = `
    import { createUserTypes } from '${new URL('../../../routing/sensors/user-types.js', import.meta.url)}'
    const types = createUserTypes({
      directory: ${JSON.stringify(types.directory)},
      added() {}, removed() {}, failed: console.error, monotonic: () => performance.now(),
    })
    await types.start()
    console.log((await types.convert('noisy', 5, { calibration: null, params: {}, temperature: null })).value)`
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', script],
    { timeout: 30_000, env: {} },
  )
  t.equal(stdout, '5\n')
  t.equal(stderr, '')
})
