/**
 * Who said a message of a recording, as far as it may be said again: devices, and people on topics of their own. What
 * servers say, and whatever devices obey, is left out, so that no recording ever switches anything.
 */
import { isSaidByDevice } from '../../routing/contract/topics.js'

export type Sayer =
  | { readonly kind: 'device'; readonly esp_id: string; readonly kaiser_id: string }
  | { readonly kind: 'somebody' }
  | { readonly kind: 'left_out' }

const LEFT_OUT: Sayer = { kind: 'left_out' }
const SOMEBODY: Sayer = { kind: 'somebody' }

export function whoSaid(topic: string): Sayer {
  if (isSaidByDevice(topic)) {
    const [, kaiser_id = '', branch, esp_id = ''] = topic.split('/')
    return branch === 'esp' ? { kind: 'device', kaiser_id, esp_id } : LEFT_OUT
  }
  return topic.startsWith('kaiser/') || topic.startsWith('$') ? LEFT_OUT : SOMEBODY
}
