/** Several commands at once: the order of each actuator, and an answer for each. */
import t from 'tap'
import { ESP, house } from '../support/commanded.js'
import { until } from '../support/until.js'

t.test('a batch keeps the order of each actuator and answers for each command', async (t) => {
  const { device, ask, found } = await house(t)
  const batch = (commands: unknown) => ask('POST', '/commands', { commands })
  const of = (gpio: number, command: string, more: object = {}) => ({ esp_id: ESP, gpio, command, ...more })
  const { status, body } = await batch([
    of(5, 'ON', { correlation_id: 'b1' }),
    of(18, 'PWM', { value: 0.1 }),
    of(5, 'OFF', { correlation_id: 'b2' }),
    of(6, 'ON'),
    { esp_id: 'ESP_NONE', gpio: 5, command: 'ON' },
    of(18, 'PWM', { value: 0.5, correlation_id: 'b3' }),
    of(18, 'PWM', { value: 0.6, correlation_id: 'b3' }),
    of(18, 'PWM', { value: 0.7, correlation_id: 'b4' }),
  ])
  t.equal(status, 200)
  t.match(body, { success: false, accepted: 4, refused: 4, message: '4 of 8 commands were accepted' })
  t.match(body.results, [
    { index: 0, accepted: true, correlation_id: 'b1', command: { command: 'ON' } },
    { index: 1, accepted: false, code: 'limit_refused', limit_name: 'range', correlation_id: String },
    { index: 2, accepted: true, correlation_id: 'b2' },
    { index: 3, accepted: false, code: 'not_found', detail: /no actuator/ },
    { index: 4, accepted: false, code: 'not_found', detail: /not known/ },
    { index: 5, accepted: true, correlation_id: 'b3' },
    { index: 6, accepted: false, code: 'already_exists' },
    { index: 7, accepted: true, correlation_id: 'b4' },
  ])
  await until(() => device.commands().length === 2 && device.commands(18).length === 2, 'all that passed')
  t.strictSame(
    [...device.commands(), ...device.commands(18)].map(({ correlation_id }) => correlation_id),
    ['b1', 'b2', 'b3', 'b4'],
  )
  t.match((await found('b2')).body, { command: 'OFF' })
  t.equal(device.commands().length + device.commands(18).length, 4)

  for (const [commands, loc] of [
    [[], ['body', 'commands']],
    [Array(101).fill(of(5, 'OFF')), ['body', 'commands']],
    [
      [of(5, 'OFF'), of(5, 'PWM', { value: 2 })],
      ['body', 'commands', 1, 'value'],
    ],
    [
      [of(5, 'OFF'), of(5, 'PWM')],
      ['body', 'commands', 1, 'value'],
    ],
    [[of(300, 'OFF')], ['body', 'commands', 0, 'gpio']],
  ] as const) {
    const answer = await batch(commands)
    t.equal(answer.status, 422)
    t.strictSame((answer.body.detail as { loc: unknown[] }[])[0]!.loc, loc)
  }
  const many = await batch([of(5, 'PWM'), of(5, 'OFF'), of(5, 'JUMP'), of(18, 'PWM')])
  t.strictSame(
    (many.body.detail as { loc: unknown[] }[]).map(({ loc }) => loc),
    [
      ['body', 'commands', 0, 'value'],
      ['body', 'commands', 2, 'command'],
      ['body', 'commands', 3, 'value'],
    ],
    'each that makes no sense is named',
  )
  t.equal(device.commands().length, 2, 'nothing of a batch that makes no sense is done')
})
