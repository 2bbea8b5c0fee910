import t from 'tap'
import { wellFormed } from '../../routing/well-formed.js'

const parsed = (json: string): unknown => JSON.parse(wellFormed(json))

t.test('half a surrogate pair becomes the replacement character, in values and in names', async (t) => {
  t.equal(parsed('"a\\ud800b"'), 'a\ufffdb')
  t.equal(parsed('"\\uDFFF"'), '\ufffd')
  t.equal(parsed('"\\ud800\\ud800"'), '\ufffd\ufffd', 'two of the same half')
  t.equal(parsed('"\\udc00\\ud800"'), '\ufffd\ufffd', 'the wrong way round')
  t.equal(parsed('"\\ud83d\\u0041"'), '\ufffdA', 'something else follows')
  t.strictSame(parsed('{"\\ud800":1}'), { '\ufffd': 1 })
})

t.test('everything else stays as it is', async (t) => {
  for (const json of [
    '"\\ud83c\\udf31"',
    '"\\uD83C\\uDF31 \\ud83c\\udf31"',
    '"🌱"',
    '"\\\\ud800"',
    '"\\\\\\\\ud800 \\n\\t\\"\\/ \\u00e9"',
    '{"a":[1,2,{"b":null}]}',
  ])
    t.strictSame(parsed(json), JSON.parse(json), json)
})

t.test('text that is no JSON stays none', async (t) => {
  for (const json of ['"\\ud8', '{"a":"\\ud80', '\\ud800', '"\\'])
    t.throws(() => parsed(json), { name: 'SyntaxError' }, json)
})

t.test('a payload full of halves takes no time to speak of', async (t) => {
  const json = `"${'\\ud800'.repeat(2_700)}"`
  const started = performance.now()
  t.equal(parsed(json), '\ufffd'.repeat(2_700))
  t.ok(performance.now() - started < 100)
})
