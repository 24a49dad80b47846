import type { Settings } from './settings.js';

/**
 * Whether a setting that is a set of capabilities has one, as config_parse_capability_set of systemd decides.
 *
 * @param unset whether the set has it where the setting is not given: true for `CapabilityBoundingSet=`
 */
export function hasCapability(settings: Settings, key: string, name: string, unset: boolean): boolean {
  const values = settings.all(key);
  return values.reduce((has, value, index) => {
    const { inverted, words } = readSet(value);
    const named = words.includes(name) !== inverted;
    if (index === 0 || value === '') return value !== '' && named;
    return inverted ? has && named : has || named;
  }, unset);
}

/** Whether `RestrictAddressFamilies=` allows sockets of a family. A later value adds to a list, or removes from it. */
export function allowsFamily(settings: Settings, family: string): boolean {
  let allows: boolean | undefined;
  let listed = false;
  for (const value of settings.all('RestrictAddressFamilies')) {
    if (value === '') {
      allows = undefined;
      listed = false;
      continue;
    }
    const { inverted, words } = readSet(value);
    allows = value === 'none' || (allows ?? !inverted);
    if (value === 'none') listed = false;
    else if (words.includes(family)) listed = allows !== inverted;
  }
  return allows === undefined || listed === allows;
}

function readSet(value: string): { readonly inverted: boolean; readonly words: readonly string[] } {
  const inverted = value.startsWith('~');
  return { inverted, words: value.slice(inverted ? 1 : 0).split(/\s+/) };
}
