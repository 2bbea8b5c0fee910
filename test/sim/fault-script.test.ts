/** Faults and scripts of faults are checked before anything begins, and what is wrong is said with its place. */
import t from 'tap'
import { completeFault, FAULT_NAMES } from '../../sim/faults/index.js'
import { faultsOf, readScript } from '../../sim/faults/script.js'

t.test('a fault is filled in, in any spelling of its name', async (t) => {
  t.strictSame(completeFault({ fault: 'Brown-Out', at: 5 }), {
    fault: 'brown_out',
    at: 5,
    parameters: { after_seconds: 2, off_seconds: 5 },
  })
  for (const fault of FAULT_NAMES) t.type(completeFault({ fault }), 'object', fault)
})

t.test('what cannot be is refused with the field and what is allowed', async (t) => {
  const names = FAULT_NAMES.join(', ')
  t.equal(completeFault({ fault: 'gremlin' }), `fault "gremlin" is not known; it is one of ${names}`)
  t.equal(completeFault({}), `fault is missing; it is one of ${names}`)
  t.equal(completeFault([]), 'a fault must be an object')
  t.equal(
    completeFault({ fault: 'drop', when: 5 }),
    'when is not known; allowed are fault, at, for, parameters',
  )
  t.match(completeFault({ fault: 'drop', at: -1 }), /^at must be >= 0/)
  t.match(completeFault({ fault: 'drop', for: 0 }), /^for must be > 0/)
  t.match(completeFault({ fault: 'drop', parameters: { share: 2 } }), /^parameters\.share must be <= 1/)
  t.equal(
    completeFault({ fault: 'drop', parameters: { shar: 1 } }),
    'parameters.shar is not known; allowed are share, of',
  )
  t.match(
    completeFault({ fault: 'wrong_clock', parameters: { how: 'late' } }),
    /^parameters\.how must be one of none, 1970, ahead, behind, jumping/,
  )
  t.equal(completeFault({ fault: 'drop', parameters: 5 }), 'parameters must be an object')
})

t.test('a script concerns all devices, one, or those that begin alike', async (t) => {
  const script = readScript(
    JSON.stringify([
      { at: 1, fault: 'drop' },
      { at: 2, for: 3, fault: 'liar', esp_id: 'MOCK_1' },
      { fault: 'delay', esp_id: 'MOCK_2*' },
    ]),
  )
  const names = (device: string) => faultsOf(script, device).map(({ fault }) => fault)
  t.strictSame(names('MOCK_1'), ['drop', 'liar'])
  t.strictSame(names('MOCK_22'), ['drop', 'delay'])
  t.notOk('esp_id' in faultsOf(script, 'MOCK_1')[1]!)
})

t.test('a script that cannot be read says where', async (t) => {
  t.throws(() => readScript('[{'), /^The script is not JSON/)
  t.throws(() => readScript('{}'), /^A script is a list/)
  t.throws(
    () => readScript('[{"fault":"drop"},{"fault":"gremlin"}]'),
    /^Entry 2: fault "gremlin" is not known/,
  )
  t.throws(() => readScript('[null]'), /^Entry 1/)
  t.throws(() => readScript('["drop"]'), /^Entry 1: a fault must be an object/)
  t.throws(() => readScript('[[]]'), /^Entry 1: a fault must be an object/)
  t.throws(() => readScript('[{"fault":"drop","esp_id":"a b"}]'), /^Entry 1: esp_id must be/)
  t.throws(() => readScript(JSON.stringify(Array(1_001).fill({ fault: 'drop' }))), /at most 1000 entries/)
})
