/** A length of time as people say it: `1d 2h 3m`. rest-contract §5 */
export const uptimeText = (seconds: number): string =>
  `${Math.floor(seconds / 86_400)}d ${Math.floor((seconds % 86_400) / 3600)}h ${Math.floor((seconds % 3600) / 60)}m`
