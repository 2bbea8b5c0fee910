/**
 * Somebody stops everything, and 500 devices are told. They acknowledge at once and answer when all of them have
 * heard, so that the generator measures the server and not itself. Receives an `EmergencyJob`, says `Notice`s, ends.
 */
import type { EmergencyJob, EmergencyOutcome } from './control-job.js'
import type { Device, Told } from './device.js'
import { answer, openGreenhouse } from './greenhouse.js'
import type { Notice } from './load-job.js'
import { accepted, operate } from './operator.js'
import { now } from './publisher.js'

const CONNECTIONS = 16
/** Around the stop, for the watches of cores and disk. */
const AROUND_MS = 500

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const tell = (notice: Notice<EmergencyOutcome>): void => void process.send!(notice)

async function run(job: EmergencyJob): Promise<EmergencyOutcome> {
  const post = operate(job.operator, CONNECTIONS)
  const stopped = new Set<Device>()
  const offs = new Map<Device, Map<number, Told['message']>>()
  let [first, stop, all] = [Number.NaN, Number.NaN, Number.NaN]
  let done = 0
  let pressed = false

  function told({ device, gpio, what, message, at }: Told): void {
    if (!pressed) return
    const off = offs.get(device) ?? new Map<number, Told['message']>()
    offs.set(device, off)
    if (what === 'emergency' && message.command === 'emergency_stop') {
      if (stopped.has(device)) return
      if (stopped.size === 0) first = at
      stopped.add(device)
      if (stopped.size === job.devices) stop = at
    } else if (what === 'command' && message.command === 'OFF' && gpio !== undefined) {
      if (off.has(gpio)) return
      off.set(gpio, message)
    } else return
    if (off.size < job.gpios.length || !stopped.has(device)) return
    done++
    if (done === job.devices) all = at
  }

  const devices = await openGreenhouse(job, post, told)
  tell({ at: 'connected' })
  await sleep(job.settleMs)
  tell({ at: 'measuring' })
  const began = now()
  await sleep(AROUND_MS)

  pressed = true
  const [from, cpu] = [now(), process.cpuUsage()]
  const answered = post('/actuators/emergency_stop', { reason: 'bench' }).then((said) => {
    accepted(said, 'the stop')
    return now() - from
  })
  while (done < job.devices && now() < from + job.withinMs) await sleep(1)
  const { user, system } = process.cpuUsage(cpu)
  const load = (user + system) / 1000 / (now() - from)
  const answerMs = await answered
  await sleep(AROUND_MS)
  tell({ at: 'measured' })
  const windowMs = now() - began
  for (const [device, told] of offs)
    void device.say(
      ['actuator/emergency/ack', { command: 'emergency_stop', outcome: 'stopped' }],
      ...[...told].flatMap(([gpio, message]) => answer(gpio, message)),
    )
  await sleep(2 * AROUND_MS)
  for (const device of devices) device.close()
  return {
    answerMs,
    firstMs: first - from,
    stopMs: stop - from,
    allMs: all - from,
    missing: job.devices - done,
    load,
    windowMs,
  }
}

process.once('disconnect', () => process.exit(1))
process.once('message', (job: EmergencyJob) => {
  run(job).then(
    (outcome) =>
      process.send!({ at: 'done', outcome } satisfies Notice<EmergencyOutcome>, () => process.exit(0)),
    (error: Error) => {
      console.error(`emergency generator: ${error.message}`)
      process.exit(1)
    },
  )
})
