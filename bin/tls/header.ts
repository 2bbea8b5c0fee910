/** PEM as C headers, the way sketches for an ESP32 want it: nothing to copy by hand, nothing to mistype. */
export interface Constant {
  name: string
  pem: string
}

const literal = ({ name, pem }: Constant): string =>
  [
    `static const char ${name}[] =`,
    ...pem
      .trimEnd()
      .split('\n')
      .map((line) => `    "${line}\\n"`),
  ].join('\n')

/** A header with a guard; `usage` becomes its comment. */
export const header = (guard: string, usage: readonly string[], constants: readonly Constant[]): string =>
  [
    ...usage.map((line) => `// ${line}`.trimEnd()),
    `#ifndef ${guard}`,
    `#define ${guard}`,
    '',
    ...constants.flatMap((constant) => [`${literal(constant)};`, '']),
    '#endif',
    '',
  ].join('\n')

/** How to use the authority's certificate on a device. */
export const authorityUsage = (host: string): string[] => [
  'The certificate authority of this kaiser. Public: it may be copied and published.',
  '',
  'Arduino, ESP32: #include "ca.h", then',
  '  WiFiClientSecure net;',
  '  net.setCACert(KAISER_CA_PEM);',
  `  mqtt.setServer("${host}.local", 8883);`,
  'esp-mqtt (ESP-IDF 5):',
  `  .broker = { .address.uri = "mqtts://${host}.local:8883", .verification.certificate = KAISER_CA_PEM }`,
  '',
  'The device needs the right time before it connects (SNTP): certificates have dates. Connect by name: mbedTLS 2,',
  'as in Arduino core 2, compares names only, no addresses.',
]

/** How to use a client certificate on a device. */
export const clientUsage = (device_id: string): string[] => [
  `Certificate and private key of ${device_id}. SECRET: whoever has this file is this device.`,
  '',
  'Arduino, ESP32: besides setCACert,',
  '  net.setCertificate(KAISER_CLIENT_CERT_PEM);',
  '  net.setPrivateKey(KAISER_CLIENT_KEY_PEM);',
  'esp-mqtt (ESP-IDF 5):',
  '  .credentials.authentication = { .certificate = KAISER_CLIENT_CERT_PEM, .key = KAISER_CLIENT_KEY_PEM }',
]
