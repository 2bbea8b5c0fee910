/** Files of users that cannot be used, or not yet: each is told of with a sentence, and the others go on. */
import { mkdirSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { until } from '../../support/until.js'
import { module, openUserTypes, PLAIN } from './user-open.js'

t.setTimeout(110_000)

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
