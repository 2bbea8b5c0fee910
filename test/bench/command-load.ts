/**
 * Operators who click, and the devices that are told: requests go out at random moments, whatever is answered, and
 * each is followed to the device's socket. Devices answer as the firmware does. Receives a `CommandJob`, says
 * `Notice`s, ends.
 */
import type { CommandJob, CommandOutcome } from './control-job.js'
import type { Device, Told } from './device.js'
import { answer, openGreenhouse } from './greenhouse.js'
import type { Notice } from './load-job.js'
import { operate } from './operator.js'
import { now } from './publisher.js'
import { quantiles } from './stats.js'

const CONNECTIONS = 16
const DRAIN_MS = 5_000

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const tell = (notice: Notice<CommandOutcome>): void => void process.send!(notice)

interface Click {
  word: string
  at: number
  measured: boolean
}

async function run(job: CommandJob): Promise<CommandOutcome> {
  const post = operate(job.operator, CONNECTIONS)
  const took = { ON: [] as number[], OFF: [] as number[], answer: [] as number[] }
  const total = { accepted: 0, refused: 0, strays: 0 }
  const clicks = new Map<string, Click>()
  let refusal: string | undefined
  let measuring = false

  function told({ device, gpio, what, message, at }: Told): void {
    if (what !== 'command' || gpio === undefined) return
    const key = `${device.esp_id}/${gpio}`
    const click = clicks.get(key)
    if (click === undefined || click.word !== message.command) total.strays++
    else {
      clicks.delete(key)
      if (click.measured) took[click.word as 'ON' | 'OFF'].push(at - click.at)
    }
    void device.say(...answer(gpio, message))
  }

  const devices = await openGreenhouse(job, post, told)
  const pumps = job.gpios.flatMap((gpio) => devices.map((device) => ({ device, gpio, isOn: false })))
  let turn = 0
  async function click(pump: { device: Device; gpio: number; isOn: boolean }): Promise<void> {
    const { esp_id } = pump.device
    const key = `${esp_id}/${pump.gpio}`
    if (clicks.has(key)) return // it is waited for, and counts as lost in the end
    pump.isOn = !pump.isOn
    const word = pump.isOn ? 'ON' : 'OFF'
    const one: Click = { word, at: now(), measured: measuring }
    clicks.set(key, one)
    const { status, text } = await post(`/actuators/${esp_id}/${pump.gpio}/command`, {
      command: word,
      value: 1,
      duration: 60,
    })
    if (one.measured) took.answer.push(now() - one.at)
    if (status < 300) return void total.accepted++
    total.refused++
    refusal ??= `${status} ${text.slice(0, 200)}`
    clicks.delete(key)
  }
  tell({ at: 'connected' })

  const gap = (): number => (-Math.log(1 - Math.random()) * 1000) / job.rate
  let due = now()
  const ticker = setInterval(() => {
    for (; due <= now(); due += gap()) void click(pumps[turn++ % pumps.length]!)
  }, 1)
  await sleep(job.warmupMs)
  tell({ at: 'measuring' })
  measuring = true
  const [from, cpu] = [now(), process.cpuUsage()]
  await sleep(job.measureMs)
  const { user, system } = process.cpuUsage(cpu)
  const load = (user + system) / 1000 / (now() - from)
  tell({ at: 'measured' })
  clearInterval(ticker)
  const giveUp = now() + DRAIN_MS
  while (clicks.size > 0 && now() < giveUp) await sleep(20)
  await sleep(500) // what devices answered last
  for (const device of devices) device.close()
  return {
    ...total,
    on: quantiles(took.ON),
    off: quantiles(took.OFF),
    all: quantiles([...took.ON, ...took.OFF]),
    answer: quantiles(took.answer),
    lost: clicks.size,
    ...(refusal === undefined ? {} : { refusal }),
    load,
  }
}

process.once('disconnect', () => process.exit(1))
process.once('message', (job: CommandJob) => {
  run(job).then(
    (outcome) =>
      process.send!({ at: 'done', outcome } satisfies Notice<CommandOutcome>, () => process.exit(0)),
    (error: Error) => {
      console.error(`command generator: ${error.message}`)
      process.exit(1)
    },
  )
})
