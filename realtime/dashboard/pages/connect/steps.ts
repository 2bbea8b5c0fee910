/**
 * How far a device has come, step by step: connected, alive, measuring, with the right time, configured. A step that
 * does not come says why, and what to change. Pure.
 */
import { t, wordFor } from '../../words/index.js'
import { ago, timeOfDay } from '../../words/times.js'
import type { Facts } from './arrival.js'

export interface Step {
  name: 'connected' | 'approved' | 'heartbeat' | 'reading' | 'clock' | 'configuration'
  state: 'done' | 'waiting' | 'wrong'
  text: string
  /** The server's own sentence, and what came. */
  detail?: string
}

/** What is older says nothing about the attempt of today, ms. */
const LATELY = 600_000
const BEAT_WITHIN = 200_000
const READING_WITHIN = 300_000
const ofSome = (iso: string | null | undefined): number => (iso ? Date.parse(iso) : Number.NEGATIVE_INFINITY)

function connected({ arrival, device, forbidden }: Facts, now: number): Step {
  const name = 'connected'
  const { connection, refused_logins, strangers } = arrival
  const earliest = Math.max(now - LATELY, ofSome(device?.last_seen))
  const [refused] = refused_logins.filter(({ last_at }) => ofSome(last_at) > earliest)
  const since = ofSome(connection?.connected_at)
  if (forbidden && forbidden.at > earliest)
    return { name, state: 'wrong', text: t('connect.forbidden', { topic: forbidden.topic }) }
  if (connection) {
    const address = connection.address ?? '–'
    const key = connection.transport === 'tls' ? 'connect.connected_tls' : 'connect.connected_from'
    return { name, state: 'done', text: t(key, { address, time: timeOfDay(since) }) }
  }
  if (refused) {
    const { code, address, count, last_at, sentence } = refused
    const what = wordFor('connect.refused', code)
    const about = t('connect.refused_about', { address, age: ago(ofSome(last_at)) }, count)
    return { name, state: 'wrong', text: `${what} ${about}`, detail: sentence }
  }
  const stranger = strangers[0]
  if (stranger) {
    const named = {
      address: stranger.address,
      id: stranger.esp_id ?? '?',
      age: ago(ofSome(stranger.last_at)),
    }
    return {
      name,
      state: 'waiting',
      text: t(stranger.esp_id ? 'connect.stranger_named' : 'connect.stranger', named),
      detail: stranger.sentence,
    }
  }
  if (device?.last_seen)
    return { name, state: 'waiting', text: t('connect.gone', { ago: ago(ofSome(device.last_seen)) }) }
  return { name, state: 'waiting', text: t('connect.not_heard') }
}

function approved({ arrival }: Facts): Step | undefined {
  if (arrival.status !== 'pending_approval' && arrival.status !== 'rejected') return undefined
  return {
    name: 'approved',
    state: arrival.status === 'rejected' ? 'wrong' : 'waiting',
    text: t(arrival.status === 'rejected' ? 'connect.rejected' : 'connect.pending'),
  }
}

/** Of messages that were refused, the latest about a topic, newer than what came well. */
function refusedOn({ rejects }: Facts, part: RegExp, better: number, now: number): Step | undefined {
  const reject = rejects.find(({ topic }) => part.test(topic))
  if (!reject || ofSome(reject.received_at) <= better || now - ofSome(reject.received_at) > LATELY)
    return undefined
  const { code, topic, detail, payload } = reject
  return {
    name: 'reading',
    state: 'wrong',
    text: `${wordFor('connect.refusals', code)} ${t('connect.on_topic', { topic })}`,
    detail: `${code}: ${detail}\n${payload.slice(0, 300)}`,
  }
}

function heartbeat(facts: Facts, now: number): Step {
  const name = 'heartbeat'
  const last = ofSome(facts.device?.last_heartbeat)
  if (now - last < BEAT_WITHIN) return { name, state: 'done', text: t('connect.beat', { age: ago(last) }) }
  const refused = refusedOn(facts, /\/heartbeat$/, last, now)
  return refused ? { ...refused, name } : { name, state: 'waiting', text: t('connect.no_beat') }
}

function reading(facts: Facts, now: number): Step {
  const name = 'reading'
  const latest = [...(facts.device?.sensors ?? [])].sort(
    (a, b) => ofSome(b.last_read) - ofSome(a.last_read),
  )[0]
  const last = ofSome(latest?.last_read)
  const refused = refusedOn(facts, /\/(sensor|data)(\/|$)/, last, now)
  if (refused) return refused
  if (!latest || now - last > READING_WITHIN) return { name, state: 'waiting', text: t('connect.no_reading') }
  const { sensor_type, raw_value, unit, gpio, quality } = latest
  const named = {
    sensor: sensor_type,
    value: `${Number(raw_value.toPrecision(4))} ${unit}`.trim(),
    gpio,
    age: ago(last),
  }
  return quality === 'error'
    ? { name, state: 'wrong', text: t('connect.reading_error', named) }
    : { name, state: 'done', text: t('connect.read', named) }
}

function clock({ device, findings }: Facts): Step {
  const name = 'clock'
  const read = Math.max(...(device?.sensors ?? []).map(({ last_read }) => ofSome(last_read)))
  const wrong = findings.find(({ kind }) => kind === 'clock_wrong' || kind === 'ts_missing')
  // It is noted with each message; a reading that came later without it is in order.
  if (wrong && ofSome(wrong.last_at) >= read)
    return { name, state: 'wrong', text: wordFor('connect.clocks', wrong.kind), detail: wrong.sentence }
  if (!device?.sensors.length) return { name, state: 'waiting', text: t('connect.clock_unknown') }
  return { name, state: 'done', text: t('connect.clock_right') }
}

function configuration({ configs }: Facts): Step {
  const name = 'configuration'
  const failed = configs.find(({ config_status }) => config_status === 'failed')
  if (failed)
    return {
      name,
      state: 'wrong',
      text: t('connect.config_failed', { gpio: failed.gpio }),
      ...(failed.config_error && { detail: failed.config_error }),
    }
  if (configs.length === 0) return { name, state: 'waiting', text: t('connect.config_none') }
  const applied = configs.filter(({ config_status }) => config_status === 'applied').length
  return applied === configs.length
    ? { name, state: 'done', text: t('connect.config_applied', {}, applied) }
    : { name, state: 'waiting', text: t('connect.config_pending', { applied, all: configs.length }) }
}

/** The steps in their order; that of the approval only while it is missing. */
export function stepsOf(facts: Facts, now: number): Step[] {
  const approval = approved(facts)
  return [
    connected(facts, now),
    ...(approval ? [approval] : []),
    heartbeat(facts, now),
    reading(facts, now),
    clock(facts),
    configuration(facts),
  ]
}
