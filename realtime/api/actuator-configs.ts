/**
 * `/actuators`: what is connected to the pins of devices, and within which limits it may run. Whatever changes is sent
 * to the device when it is online; what goes is told OFF first. Wire format: rest-contract §10.
 */
import Type from 'typebox'
import { findKind, formOf, kindOf } from '../../routing/actuators/kinds.js'
import {
  locateActuator,
  removableActuator,
  setActuator,
} from '../../routing/configuration/actuator-configs.js'
import type { Configuration } from '../../routing/configuration/configuration.js'
import { type Effect, switchOff } from '../../routing/effect.js'
import type { Library } from '../../routing/sensors/library.js'
import type { ActuatorConfig } from '../../storage/actuator-configs.js'
import type { Store } from '../../storage/store.js'
import { ActuatorConfigBody, actuatorConfigBody } from '../actuator-config-body.js'
import { ActuatorConfigRequest, actuatorRequestOf } from '../actuator-config-request.js'
import { ActuatorParams } from '../actuator-request.js'
import { asking, changing } from '../asking.js'
import { mustFit, samePlace, tellConfig } from '../config-telling.js'
import { approvedDevice, deviceOf } from '../device-registry.js'
import { type Resource, route } from '../route.js'
import { EspId, ListOf, listed, PageQuery } from '../shapes.js'
import { byUser } from '../user-audit.js'

export interface ActuatorConfigsOptions {
  store: Store
  now: () => number
  library: Library
  configuration: Configuration
  say: (effects: readonly Effect[]) => void
}

/** By its kind, or by how it is driven. */
const isOf = (config: ActuatorConfig, word: string): boolean =>
  kindOf(config.actuator_type) === findKind(word) ||
  formOf(kindOf(config.actuator_type), config) === word.toLowerCase()

export function actuatorConfigs(options: ActuatorConfigsOptions): Resource {
  const { store, now, library, configuration, say } = options
  const params = Type.Object(ActuatorParams)

  return {
    prefix: '/actuators',
    tag: 'Actuators',
    routes: [
      route({
        method: 'GET',
        path: '',
        role: 'viewer',
        summary: 'Actuator configs, by device and type',
        query: Type.Object({
          esp_id: Type.Optional(EspId),
          actuator_type: Type.Optional(Type.String({ maxLength: 50 })),
          enabled: Type.Optional(Type.Boolean()),
          ...PageQuery,
        }),
        answer: ListOf(ActuatorConfigBody),
        handle({ query: { esp_id, actuator_type, enabled, ...page } }) {
          const found = store.actuatorConfigs
            .list(esp_id)
            .filter((config) => actuator_type === undefined || isOf(config, actuator_type))
            .filter((config) => enabled === undefined || (config.enabled === 1) === enabled)
          const bodies = (configs: readonly ActuatorConfig[]) =>
            configs.map((config) => actuatorConfigBody(store, config))
          return listed(found, page, 'actuator configs', bodies)
        },
      }),

      route({
        method: 'GET',
        path: '/{esp_id}/{gpio}',
        role: 'viewer',
        summary: 'One actuator config',
        params,
        answer: ActuatorConfigBody,
        errors: ['not_found'],
        handle: ({ params: { esp_id, gpio } }) =>
          actuatorConfigBody(
            store,
            asking(() => locateActuator(store, esp_id, gpio)),
          ),
      }),

      route({
        method: 'POST',
        path: '/{esp_id}/{gpio}',
        role: 'operator',
        summary: 'Say what is connected to a pin and how long it may run; makes its config or changes it',
        description: 'An actuator that is disabled is told OFF.',
        params,
        body: ActuatorConfigRequest,
        answer: ActuatorConfigBody,
        errors: ['not_found', 'gpio_conflict', 'actuators_full', 'config_too_large'],
        async handle(asked) {
          const { params, body } = asked
          const { esp_id, gpio } = params
          samePlace(params, body)
          approvedDevice(store, esp_id)
          const request = actuatorRequestOf(body)
          const { config, push } = await changing(store, () => {
            const device = deviceOf(store, esp_id)
            const { config, before } = setActuator(store, library, device, gpio, request, now())
            mustFit(configuration, device, config)
            const { id, actuator_type } = config
            const details = { config_id: id, esp_id, gpio, actuator_type, created: before === undefined }
            store.auditLogs.insert(byUser(asked, { event_type: 'actuator_config_changed', details }), now())
            const push = configuration.push(esp_id, 'actuator_config_changed', now())
            // It leaves now; the configuration without it waits for the disk.
            if (before?.enabled === 1 && config.enabled === 0)
              say([switchOff(esp_id, gpio, 'config_disabled')])
            return { config, push }
          })
          tellConfig(options, asked, push)
          return actuatorConfigBody(store, config)
        },
      }),

      route({
        method: 'DELETE',
        path: '/{esp_id}/{gpio}',
        role: 'operator',
        summary: 'Forget what is connected to a pin, after it was told OFF; its history stays',
        description:
          'Refused while an interlock of another actuator names it: who needs it is said, and has to be changed first.',
        params,
        answer: ActuatorConfigBody,
        errors: ['not_found', 'actuator_needed'],
        async handle(asked) {
          const { esp_id, gpio } = asked.params
          asking(() => removableActuator(store, esp_id, gpio))
          say([switchOff(esp_id, gpio, 'config_deleted')])
          const { deleted, push } = await changing(store, () => {
            const config = removableActuator(store, esp_id, gpio)
            const deleted = actuatorConfigBody(store, config)
            store.actuatorConfigs.remove(config)
            const { id, actuator_type } = config
            const details = { config_id: id, esp_id, gpio, actuator_type }
            store.auditLogs.insert(byUser(asked, { event_type: 'actuator_config_deleted', details }), now())
            return { deleted, push: configuration.push(esp_id, 'actuator_config_deleted', now()) }
          })
          tellConfig(options, asked, push)
          return deleted
        },
      }),
    ],
  }
}
