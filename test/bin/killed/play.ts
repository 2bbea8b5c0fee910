/**
 * Plays a sequence against `bin/kaiser` in a process of its own, one life after the other on the same data directory.
 * What happens is seeded; when exactly, is the machine's. In the end all devices behave and all commands must end.
 */
import { directory, type Teardown } from '../../support/app.js'
import { type Child, startKaiser } from '../../support/child.js'
import { kaiser as commandLine } from '../../support/kaiser.js'
import { until } from '../../support/until.js'
import { createAwake } from './awake.js'
import { BUSY, DEVICES, furnish, gpiosOf, PUMPS, type Scope } from './greenhouse.js'
import { createOperator, type Operator } from './operator.js'
import { createPlant, type Plant } from './plant.js'
import { createRows } from './rows.js'
import type { Sequence, Step, Wished } from './steps.js'
import { createWatch } from './watch.js'

export interface Played {
  /** Each promise that was broken. */
  readonly faults: readonly string[]
  readonly accepted: number
  readonly reached: number
  /** Those that kaiser itself gave, to end what may not be. */
  readonly byLimits: number
}

/** Longer than any command may take to end, ms. */
const PATIENCE = 60_000

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

export async function play(t: Teardown, { styles, steps }: Sequence): Promise<Played> {
  const dir = directory(t)
  await furnish(dir)
  const time = createAwake()
  const plants: Plant[] = []
  const watch = createWatch({ plants: () => plants, time })
  const rows = createRows(dir)
  const looking = setInterval(() => kaiser?.running && rows.look(), 250)
  t.teardown(() => {
    time.close()
    watch.close()
    clearInterval(looking)
  })
  for (const [n, esp_id] of DEVICES.entries())
    plants.push(
      createPlant(t, {
        esp_id,
        gpios: gpiosOf(esp_id),
        style: styles[n]!,
        lasting: n === 0,
        time,
        ordered: watch.ordered,
      }),
    )
  const plantOf = (esp_id: string): Plant => plants.find(({ device }) => device.esp_id === esp_id)!
  const wrong: string[] = []
  /** Commands of which somebody was told that they are accepted. */
  const accepted = new Set<string>()
  let number = 0
  let kaiser: Child | undefined
  let operator: Operator
  let token: string | undefined

  const start = async (): Promise<void> => {
    kaiser = await startKaiser(t, dir)
    ;({ operator, token } = await createOperator(t, kaiser, token))
    watch.restarted()
    for (const plant of plants) plant.connect(kaiser.mqttPort)
  }
  const kill = async ({ after, down, stop }: Step & { do: 'kill' }): Promise<void> => {
    await sleep(after)
    await kaiser!.end('SIGKILL')
    for (const plant of plants) plant.abandon()
    if (stop) {
      const where = [
        ...(stop.esp_id === undefined ? [] : ['--device', stop.esp_id]),
        ...(stop.gpio === undefined ? [] : ['--gpio', String(stop.gpio)]),
      ]
      const { code, err } = await commandLine(['estop', '--reason', 'test', ...where, '--data', dir])
      if (code === 0) watch.stopped(stop)
      else wrong.push(`the stop from the command line ended with ${code}: ${err}`)
    }
    await sleep(down)
    await start()
  }

  const gather = (): Promise<void> =>
    until(() => plants.every(({ since }) => since !== undefined), 'the devices to listen')

  const pumpOf = (key: string) => PUMPS.find((each) => each.key === key)!
  const mqtt = async (wished: Wished, more: { wait?: number }, twice: boolean): Promise<void> => {
    const { esp_id, gpio } = pumpOf(wished.key)
    const { command, duration } = wished
    const correlation_id = `mqtt-${number++}`
    const topic = `kaiser/god/esp/${esp_id}/actuator/${gpio}/command`
    const said = Array.from({ length: twice ? 2 : 1 }, () =>
      operator.publish(topic, { command, duration, ...more, correlation_id }),
    )
    if ((await Promise.all(said)).some(Boolean)) accepted.add(correlation_id)
  }
  const rest = async ({ key, command, duration }: Wished, wait: { wait?: number }): Promise<void> => {
    const { esp_id, gpio } = pumpOf(key)
    const answer = await operator.ask(`/actuators/${esp_id}/${gpio}/command`, { command, duration, ...wait })
    const id = answer?.body.correlation_id
    if (answer && answer.status < 300 && typeof id === 'string') accepted.add(id)
  }
  const batch = async (wishes: readonly Wished[]): Promise<void> => {
    const commands = wishes.map(({ key, ...wished }) => {
      const { esp_id, gpio } = pumpOf(key)
      return { esp_id, gpio, ...wished }
    })
    await operator.ask('/actuators/commands', { commands })
  }
  const press = (key: string): void => {
    const { esp_id, gpio } = pumpOf(key)
    const { device } = plantOf(esp_id)
    // The firmware holds its outputs off while it is stopped.
    if (!device.stopped) device.press(gpio)
  }

  const topicOf = ({ esp_id }: Scope): string =>
    esp_id === undefined ? 'kaiser/broadcast/emergency' : `kaiser/god/esp/${esp_id}/actuator/emergency`
  const stop = async (by: 'mqtt' | 'rest', scope: Scope): Promise<void> => {
    const { gpio } = scope
    const isDone =
      by === 'mqtt'
        ? await operator.publish(topicOf(scope), { command: 'emergency_stop', gpio, reason: 'test' })
        : (await operator.ask('/actuators/emergency_stop', { ...scope, reason: 'test' }))?.status === 200
    if (isDone) watch.stopped(scope)
    else wrong.push(`the stop ${JSON.stringify(scope)} was not taken`)
  }
  const release = async (by: 'mqtt' | 'rest', scope: Scope): Promise<void> => {
    const { gpio } = scope
    if (by === 'mqtt') {
      const payload = { command: 'clear_emergency', gpio, reason: 'test' }
      await operator.publish(topicOf(scope), payload)
      watch.releasing(scope)
      await operator.publish(topicOf(scope), { ...payload, confirm: true })
      return watch.released()
    }
    const asked = { ...scope, reason: 'test' }
    const armed = await operator.ask('/actuators/clear_emergency', asked)
    if (armed?.status !== 202) wrong.push(`the release of ${JSON.stringify(scope)} is ${armed?.status}`)
    watch.releasing(scope)
    await operator.ask('/actuators/clear_emergency', { ...asked, token: armed?.body.token })
    watch.released()
  }

  const perform = async (step: Step): Promise<void> => {
    if (step.do === 'pass') return sleep(step.ms)
    if (step.do === 'gather') return gather()
    if (step.do === 'kill') return kill(step)
    if ('by' in step) return (step.do === 'stop' ? stop : release)(step.by, step.scope)
    const wait = 'wait' in step ? { wait: step.wait! } : {}
    // Nobody waits for the answers to these: kaiser may die before it gives them.
    if (step.do === 'mqtt') void mqtt(step, wait, step.twice ?? false)
    else if (step.do === 'rest') void rest(step, wait)
    else if (step.do === 'batch') void batch(step.wishes)
    else if (step.do === 'press') press(step.key)
    else if (step.do === 'press_all') {
      for (const { key, esp_id, gpio } of BUSY)
        if (plantOf(esp_id).device.outputs.get(gpio)!.value === 0) press(key)
    } else {
      const plant = plantOf(step.esp_id)
      if (step.do === 'misbehave') return plant.device.misbehave(step.mode, time.real + step.ms)
      if (step.do === 'reboot') plant.device.reboot()
      plant.cut(step.away)
    }
  }

  await start()
  for (const step of steps) await perform(step)
  for (const { device } of plants) device.behave()
  await until(() => rows.areAllOver, 'every command to end', PATIENCE).catch(() => {})
  const reached = plants.flatMap((plant) => plant.reached)
  const listened = (esp_id: string, from: number, to: number): number =>
    Math.max(0, ...plantOf(esp_id).listened.map((time) => Math.min(time.to, to) - Math.max(time.from, from)))
  return {
    faults: [...wrong, ...watch.faults, ...rows.faults(accepted, reached, listened)],
    accepted: accepted.size,
    reached: reached.length,
    byLimits: reached.filter(({ issued_by }) => issued_by.startsWith('gate:')).length,
  }
}
