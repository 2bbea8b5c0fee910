/**
 * Modules of users: real files, real threads. Whatever a module does, it hurts its own readings only, and these
 * are stored raw.
 */
import { execFile } from 'node:child_process'
import { mkdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { until } from '../../support/until.js'
import { module, openUserTypes, PLAIN } from './user-open.js'

t.setTimeout(110_000)

/** Threads of this process. */
const threads = (): number => (process.report.getReport() as { workers: unknown[] } & object).workers.length

t.test('a module in the directory is a sensor type', async (t) => {
  const types = await openUserTypes(t, {
    'probe.mjs': module(
      'My_Probe',
      'return native * 2.00004',
      `aliases: ['MY-Probe', 'probe.2'], decimals: 3, range: [0, 5000], name: 'My probe',
       simulate(value) { return value / 2 },`,
    ),
  })
  t.same(types.failures, [])
  const { type, aliases, unit, decimals, range, name } = types.known.get('my_probe')!
  t.same(
    { type, aliases, unit, decimals, range, name },
    {
      type: 'my_probe',
      aliases: ['my-probe', 'probe.2'],
      unit: 'ppm',
      decimals: 3,
      range: [0, 5000],
      name: { en: 'My probe', de: 'My probe' },
    },
  )
  t.same(await types.convert('my_probe', 100, PLAIN), { value: 200.004, quality: 'good' })
  t.same(await types.convert('my_probe', 3000, PLAIN), {
    value: 6000.12,
    quality: 'critical',
    reason: '6000.12 is outside the physical range of 0 to 5000 ppm',
  })
  t.equal(await types.simulate('my_probe', 84), 42)
  t.equal(await types.convert('other', 100, PLAIN), undefined, 'of another type nothing is known')
  t.same(types.types(), [{ type: 'my_probe', file: 'probe.mjs', state: 'ready' }])
})

t.test(
  'a module gets calibration, options and temperature, and says value, quality and reason',
  async (t) => {
    const types = await openUserTypes(t, {
      'a.js': module(
        'a',
        `if (native < 0) return { value: null, quality: 'good', reason: 'not connected' }
       if (native === 0) return null
       return { value: native * calibration.coefficients.slope + params.shift + temperature, quality: 'FAIR' }`,
      ),
    })
    const calibration = {
      method: 'linear',
      points: [],
      temperature: null,
      coefficients: { slope: 3 },
    } as const
    const conversion = { calibration, params: { shift: 10 }, temperature: 0.5 }
    t.same(await types.convert('a', 5, conversion), { value: 25.5, quality: 'fair' })
    t.same(await types.convert('a', -1, conversion), {
      value: null,
      quality: 'error',
      reason: 'not connected',
    })
    t.match(await types.convert('a', 0, conversion), { value: null, quality: 'error' })
    t.match(
      await types.convert('a', 2e9, conversion),
      { value: null, quality: 'error' },
      'beyond native.range',
    )
    t.equal(await types.simulate('a', 1), undefined, 'it does not simulate')
  },
)

t.test('a file that comes, changes or goes takes effect without a restart', async (t) => {
  const types = await openUserTypes(t, { 'a.mjs': module('a', 'return 1') })
  const value = async (type: string) => (await types.convert(type, 0, PLAIN))?.value
  types.write('b.mjs', module('b', 'return 2'))
  await until(() => types.known.has('b'), 'the new one')
  t.equal(await value('b'), 2)
  t.equal(await value('a'), 1)

  types.write('a.mjs', module('a', 'return 111', 'decimals: 1,'))
  await until(async () => (await value('a')) === 111, 'the changed one')
  t.equal(types.known.get('a')!.decimals, 1)

  types.write('a.mjs', module('a2', 'return 3'))
  await until(() => types.known.has('a2'), 'the renamed type')
  t.notOk(types.known.has('a'))

  types.remove('a.mjs')
  types.remove('b.mjs')
  await until(() => types.known.size === 0, 'both to be gone')
  t.equal(await value('b'), undefined)
  t.same(types.types(), [])
  t.same(types.failures, [])
})

t.test('conversions that are asked while a file changes are all answered', async (t) => {
  const types = await openUserTypes(t, {
    'a.mjs': module('a', 'return native'),
    'b.mjs': module('b', 'return 0'),
  })
  let wrong = 0
  let asked = 0
  const end = performance.now() + 1_500
  for (let round = 0; performance.now() < end; round++) {
    if (round % 20 === 0) types.write('b.mjs', module('b', `return ${round}`))
    const answers = await Promise.all([1, 2, 3].map((native) => types.convert('a', native, PLAIN)))
    asked += 3
    wrong += answers.filter((answer, at) => answer?.value !== at + 1).length
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  t.ok(asked > 30, `${asked} asked`)
  t.equal(wrong, 0)
})

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

t.test('many good conversions in a row are not blamed on the last', async (t) => {
  const types = await openUserTypes(t, {
    'busy.mjs': module(
      'busy',
      'const end = performance.now() + 5; while (performance.now() < end); return 1',
    ),
  })
  const answers = await Promise.all(Array.from({ length: 100 }, () => types.convert('busy', 1, PLAIN)))
  t.equal(answers.filter((answer) => answer?.value === 1).length, 100)
  t.same(types.failures, [])
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

/** Files that cannot be used; they are told of, and the others go on. */
const UNUSABLE: Readonly<Record<string, [text: string, error: RegExp]>> = {
  'with an endless loop': ['for (;;);', /^bad\.mjs: did not finish its import within 2000 ms$/],
  'that awaits for ever': [
    'await new Promise(() => {})',
    /^bad\.mjs: did not finish its import within 2000 ms$/,
  ],
  'that throws': ['\nnull.x', /^bad\.mjs: cannot be imported: TypeError: .*null.* \(line 2\)$/],
  'that is no JavaScript': ['export default {', /^bad\.mjs: cannot be imported: SyntaxError/],
  'that imports what is not there': ['import "./not-there.mjs"', /^bad\.mjs: cannot be imported: Error/],
  'that ends its process': ['process.exit(3)', /^bad\.mjs: ended the thread$/],
  'that exports nothing': ['', /^bad\.mjs: the default export is undefined; it must be an object/],
  'that fills the memory': [
    'const a = []; for (;;) a.push(new Array(1e6).fill({}))',
    /^bad\.mjs: took more than 128 MB of memory$/,
  ],
  'that leaves an endless microtask': [
    'Promise.resolve().then(() => Promise.resolve()).then(() => { for (;;); })',
    /^bad\.mjs: did not finish its import/,
  ],
  'that is too large': [`// ${'x'.repeat(256 * 1024)}`, /^bad\.mjs: has 262147 bytes; allowed are 262144$/],
  'of a type that is taken': [module('ph', 'return 1'), /^bad\.mjs: "ph" is taken$/],
  'of an alias that is taken': [module('x', 'return 1', 'aliases: ["PH"],'), /^bad\.mjs: "ph" is taken$/],
}
for (const [what, [text, error]] of Object.entries(UNUSABLE))
  t.test(`a file ${what} is refused with a sentence, and the others go on`, async (t) => {
    const types = await openUserTypes(
      t,
      { 'bad.mjs': text, 'good.mjs': module('good', 'return native') },
      { taken: ['ph'] },
    )
    t.match(types.failures, [{ file: 'bad.mjs', error }])
    t.equal(types.failures.length, 1)
    t.same(await types.convert('good', 3, PLAIN), { value: 3, quality: 'good' })
    t.match(types.types(), [
      { file: 'bad.mjs', state: 'bypassed' },
      { file: 'good.mjs', state: 'ready' },
    ])

    types.write('bad.mjs', module('corrected', 'return native'))
    await until(() => types.known.has('corrected'), 'the corrected one')
    t.equal(types.failures.length, 1)
  })

t.test('an import that never ends delays nobody while kaiser runs', async (t) => {
  const types = await openUserTypes(t, { 'good.mjs': module('good', 'return native') })
  types.write('endless.mjs', 'for (;;);')
  let longest = 0
  while (types.failures.length === 0) {
    const begun = performance.now()
    t.equal((await types.convert('good', 1, PLAIN))?.value, 1)
    longest = Math.max(longest, performance.now() - begun)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  t.comment(`longest conversion ${longest} ms`)
  t.ok(longest < 500, `longest conversion ${longest} ms`)
  t.match(types.failures, [{ file: 'endless.mjs', type: null }])
})

t.test('a directory that cannot be read is told of once', async (t) => {
  const types = await openUserTypes(t, {}, { missing: true })
  writeFileSync(types.directory, '')
  await until(() => types.failures.length > 0, 'the report')
  await new Promise((resolve) => setTimeout(resolve, 300))
  t.match(types.failures, [{ file: types.directory, type: null, error: /cannot be read: ENOTDIR/ }])
  t.equal(types.failures.length, 1)
  unlinkSync(types.directory)
  types.write('a.mjs', module('a', 'return 1'))
  await until(() => types.known.has('a'), 'a module')
})

t.test('a name belongs to the first file, and to the next when that is gone', async (t) => {
  const types = await openUserTypes(t, {
    'a.mjs': module('same', 'return 1'),
    'b.mjs': module('same', 'return 2'),
  })
  t.equal((await types.convert('same', 0, PLAIN))?.value, 1)
  t.same(types.failures, [{ file: 'b.mjs', type: 'same', error: 'b.mjs: "same" is taken' }])
  types.write('c.mjs', module('c', 'return 3'))
  await until(() => types.known.has('c'), 'a third one')
  t.equal(types.failures.length, 1, 'told once')
  types.remove('a.mjs')
  await until(async () => (await types.convert('same', 0, PLAIN))?.value === 2, 'the other')
})

t.test('at most 64 modules are used, and what is no module is left alone', async (t) => {
  const files = Object.fromEntries(
    Array.from({ length: 66 }, (_, at) => {
      const name = String(at).padStart(2, '0')
      return [`${name}.mjs`, module(`t${name}`, `return ${at}`)]
    }),
  )
  const types = await openUserTypes(t, { ...files, 'README.md': '#', '.x.mjs': 'for (;;);', 'x.ts': '(' })
  mkdirSync(join(types.directory, 'directory.mjs'))
  symlinkSync('nowhere', join(types.directory, 'link.mjs'))
  t.equal(types.known.size, 64)
  t.same(
    types.failures.map(({ error }) => error),
    ['64.mjs: is beyond the first 64 modules', '65.mjs: is beyond the first 64 modules'],
  )
  t.equal((await types.convert('t63', 0, PLAIN))?.value, 63)
  types.remove('00.mjs')
  await until(() => types.known.has('t64'), 'the one that has a place now')
  t.equal(types.failures.length, 2)
})

t.test('without a module there is no thread, and none is left when the last is gone', async (t) => {
  const before = threads()
  const types = await openUserTypes(t, {}, { missing: true })
  t.equal(threads(), before)
  types.write('a.mjs', module('a', 'if (native) throw new Error("x"); return 1'))
  await until(() => types.known.has('a'), 'the first module')
  t.equal((await types.convert('a', 0, PLAIN))?.value, 1)
  t.equal(threads(), before + 1)
  await types.convert('a', 1, PLAIN)
  t.equal(types.failures.length, 1)
  await until(() => threads() === before, 'the thread to end')
  types.write('a.mjs', module('a', 'return 22'))
  await until(async () => (await types.convert('a', 0, PLAIN))?.value === 22, 'it to be back')
  renameSync(types.directory, `${types.directory}-gone`)
  await until(() => types.known.size === 0 && threads() === before, 'all to be gone')
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

t.test('what is under way when kaiser stops is answered, and nothing is left', async (t) => {
  const before = threads()
  const types = await openUserTypes(t, { 'endless.mjs': module('endless', 'for (;;);') })
  const waiting = types.convert('endless', 1, PLAIN)
  await types.close()
  t.equal(await waiting, undefined)
  t.equal(threads(), before)
  t.equal(await types.convert('endless', 1, PLAIN), undefined)
  t.same(types.failures, [])
  await types.close()
})
