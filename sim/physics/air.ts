/** Water in the air: how much it can hold, and how near to that it is. */

/** kPa of water vapour over water: O. Tetens (1930), as in FAO 56, equation 11. */
export const vapourPressure = (temperature: number): number =>
  0.6108 * Math.exp((17.27 * temperature) / (temperature + 237.3))

/** g/m³ of a pressure in kPa: the gas law with 461.5 J/(kg·K) for vapour. */
const mass = (kPa: number, temperature: number): number => (kPa * 1e6) / (461.5 * (temperature + 273.15))

/** kPa per g/m³ at a temperature. */
export const pressurePerMass = (temperature: number): number => 1 / mass(1, temperature)

/** What air of a temperature can hold, g/m³. */
export const saturated = (temperature: number): number => mass(vapourPressure(temperature), temperature)

/** %RH */
export const relativeHumidity = (vapour: number, temperature: number): number =>
  Math.min(100, Math.max(0, (100 * vapour) / saturated(temperature)))

/** What is missing to saturation, kPa. */
export const deficit = (vapour: number, temperature: number): number =>
  Math.max(0, vapourPressure(temperature) - vapour * pressurePerMass(temperature))
