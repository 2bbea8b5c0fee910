/** Who gave a command or said a stop, from the name that the wire has for them. */
import { t, wordFor, wordIf } from './index.js'

const split = (issued_by: string): [kind: string, name: string] => {
  const at = issued_by.indexOf(':')
  return at < 0 ? [issued_by, ''] : [issued_by.slice(0, at), issued_by.slice(at + 1)]
}

/** A limit, or what a device raised alarm about. */
function gate(name: string): string {
  const alert = /^ALERT_(.+)$/.exec(name)?.[1]
  if (alert) return t('actuators.by.alert', { name: wordFor('actuators.alerts', alert.toLowerCase()) })
  if (name === 'late') return t('actuators.by.late')
  const limit = wordIf('actuators.limits', name) ?? wordFor('actuators.alerts', name)
  return t('actuators.by.gate', { name: limit })
}

/** A person by name, `you` when it is `me`; rules, limits and kaiser itself as what they are. */
export function issuer(issued_by: string, me?: string): string {
  const [kind, name] = split(issued_by)
  const who = name !== '' && name === me ? t('actuators.by.you') : name
  if (kind === 'user') return who
  if (kind === 'emergency') return t('actuators.by.emergency', { name: who })
  if (kind === 'rule') return t('actuators.by.rule', { name })
  if (kind === 'gate') return gate(name)
  if (kind === 'esp32' || kind === 'esp32_alert') return t('actuators.by.device')
  return kind === 'reassert' ? t('actuators.by.reassert') : issued_by
}

/** Who said a stop: that it is one needs no saying there. */
export const stopper = (issued_by: string, me?: string): string =>
  issuer(issued_by.replace(/^emergency:/, 'user:'), me)
