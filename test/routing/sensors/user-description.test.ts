/** What a module may say of itself, and what stands for what it leaves out. */
import t from 'tap'
import { readModule } from '../../../routing/sensors/user-description.js'

const least = { type: 'x', unit: 'ppm', convert: () => 1 }

t.test('only type, unit and convert are required', async (t) => {
  const module = readModule(least, 'x.mjs')
  if (typeof module === 'string') return t.fail(module)
  t.same(module.description, {
    type: 'x',
    aliases: [],
    name: { en: 'x', de: 'x' },
    unit: 'ppm',
    decimals: 2,
    quantity: 'other',
    range: [-1e9, 1e9],
    native: { unit: '', range: [-1e9, 1e9] },
    calibration: null,
    calibration_days: null,
    mock: 0,
    interval_s: 30,
    stale_s: 180,
    stuck_ms: null,
    source: 'user module x.mjs',
  })
})

t.test('everything may be said', async (t) => {
  const said = {
    type: 'x.1-y_z',
    aliases: ['a', 'b'],
    name: { en: 'Probe', de: 'Sonde' },
    unit: '',
    decimals: 0,
    quantity: 'water_temperature',
    range: [5, 10],
    native: { unit: 'ADC', range: [0, 4095], signed: 16, whole: true },
    calibration: 'linear',
    calibration_days: 30,
    mock: 6,
    interval_s: 0,
    stale_s: 0,
    stuck_ms: 3_600_000,
    source: 'datasheet',
  }
  const module = readModule({ ...said, convert: least.convert }, 'x.mjs')
  if (typeof module === 'string') return t.fail(module)
  t.same(module.description, said)
})

t.test('what is left out follows from what is said', async (t) => {
  const described = (said: object) => {
    const module = readModule({ ...least, ...said }, 'x.mjs')
    return typeof module === 'string' ? module : module.description
  }
  t.match(described({ range: [5, 10] }), { mock: 5 })
  t.match(described({ range: [-10, -5] }), { mock: -5 })
  t.match(described({ interval_s: 600 }), { stale_s: 1800 })
  t.match(described({ interval_s: 0 }), { stale_s: 0 })
  t.match(described({ name: { en: 'One' } }), { name: { en: 'One', de: 'One' } })
  t.match(described({ type: 'ABC', aliases: ['A', 'a'] }), { type: 'abc', aliases: ['a'] })
})

const wrong: [said: object, sentence: RegExp][] = [
  [{ type: undefined }, /^type is missing; it must be 1 to 50 of the characters/],
  [{ type: '' }, /^type is ""/],
  [{ type: 'a b' }, /^type is "a b"/],
  [{ type: '_a' }, /^type is "_a"/],
  [{ type: 'ä' }, /^type is "ä"/],
  [{ type: 'x'.repeat(51) }, /^type is "x+"/],
  [{ type: 7 }, /^type is 7/],
  [{ type: '__proto__' }, /^type is "__proto__"/],
  [{ unit: undefined }, /^unit is missing/],
  [{ unit: 'x'.repeat(21) }, /^unit is "x+"; it must be a text of at most 20 characters/],
  [{ unit: 'a\nb' }, /^unit is/],
  [{ unit: '\ud800' }, /^unit is/],
  [{ aliases: 'a' }, /^aliases is "a"; it must be a list/],
  [{ aliases: ['a', null] }, /^aliases is a list/],
  [{ aliases: new Array(3) }, /^aliases is a list/],
  [{ aliases: Array.from({ length: 17 }, (_, at) => `a${at}`) }, /at most 16/],
  [{ name: '' }, /^name is ""/],
  [{ name: { de: 'x' } }, /^name is an object/],
  [{ decimals: 2.5 }, /^decimals is 2.5; it must be a whole number from 0 to 6/],
  [{ decimals: '2' }, /^decimals is "2"/],
  [{ decimals: -1 }, /^decimals is -1/],
  [{ quantity: 'speed' }, /^quantity is "speed"; it must be one of air_temperature,/],
  [{ range: [1, 1] }, /^range is a list; it must be \[low, high\]/],
  [{ range: [0, Number.POSITIVE_INFINITY] }, /^range/],
  [{ range: ['0', '1'] }, /^range/],
  [{ range: null }, /^range is null/],
  [{ native: 5 }, /^native is 5/],
  [{ native: { signed: 8 } }, /^native is an object/],
  [{ calibration: 'quadratic' }, /^calibration is "quadratic"; it must be one of offset, linear/],
  [{ calibration_days: 0 }, /^calibration_days is 0/],
  [{ range: [0, 1], mock: 2 }, /^mock is 2; it must be a number within the range/],
  [{ mock: Number.NaN }, /^mock is NaN/],
  [{ interval_s: -1 }, /^interval_s/],
  [{ stale_s: '1' }, /^stale_s/],
  [{ stuck_ms: 5 }, /^stuck_ms is 5; it must be ms from 1000, or null/],
  [{ source: 'x'.repeat(301) }, /^source is a text of 301 characters/],
  [{ convert: undefined }, /^convert is missing; it must be a function/],
  [{ convert: 'x * 2' }, /^convert is "x \* 2"/],
  [{ simulate: 3 }, /^simulate is 3; it must be a function/],
]
t.test('a field that is wrong is named, with what is allowed', async (t) => {
  for (const [said, sentence] of wrong)
    t.match(readModule({ ...least, ...said }, 'x.mjs'), sentence, JSON.stringify(said))
  for (const exported of [undefined, null, 1, 'x', () => 1, [least]])
    t.match(readModule(exported, 'x.mjs'), /^the default export is .*; it must be an object/)
})
