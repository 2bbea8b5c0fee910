/** Modules of users: real files, real threads; they come, change and go while kaiser runs. */
import { renameSync } from 'node:fs'
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
