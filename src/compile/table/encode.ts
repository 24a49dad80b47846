import { AlfError } from '../../errors/index.js';
import type { Policy } from '../../policy/index.js';
import { regionsOf } from './field-regions.js';
import { type EncodeOptions, edgesOf, looksAt } from './fields.js';
import { Image, putBits, putRowAt } from './image.js';
import {
  ABI,
  BANK_PAGES,
  COUNTER_BANK,
  Field,
  Header,
  MAX_RULES,
  PAGE_CELLS,
  Root,
  rootAt,
  Tag,
} from './layout.js';
import { finalReference, reference } from './reference.js';
import { putTree } from './tree.js';

const FIELDS = Object.values(Field);

/**
 * Lays a policy out as the flat memory that `ebpf/policy.c` searches (`ebpf/include/alf/policy.h`).
 *
 * @throws AlfError ALF_MAP when the policy has more than 4,096 rules, or needs more than 512 MiB
 * @throws AlfError ALF_ENTRY when a rule names an interface that `options` does not know: it must not be passed over,
 * a rule that denies would be lost
 */
export function encodePolicy(policy: Policy, options: EncodeOptions = {}): Image {
  if (policy.rules.length > MAX_RULES) {
    throw new AlfError('ALF_MAP', `the policy has ${policy.rules.length} rules, ${MAX_RULES} are possible`, {
      hint: 'put addresses that share a verdict into one set',
    });
  }
  const image = new Image(estimateCells(policy));
  image.takeRun(Header.end / 2);
  putHeader(image, policy, options);
  for (const field of FIELDS) putField(image, policy, field, options);
  return image;
}

/** The search tree of one field. */
function putField(image: Image, policy: Policy, field: Field, options: EncodeOptions): void {
  const isSource = field === Field.source4 || field === Field.source6;
  if (!isSource && !policy.rules.some((rule) => looksAt(rule, field))) {
    image.words[rootAt(field) + Root.ref] = reference(Tag.row, Header.any / 2);
    return;
  }
  image.words[Header.fields] = (image.words[Header.fields] ?? 0) | (1 << field);
  putTree(
    image,
    field,
    regionsOf(image, policy, field, (rule) => edgesOf(rule, field, options)),
  );
}

function putHeader(image: Image, policy: Policy, options: EncodeOptions): void {
  const { words } = image;
  words[Header.abi] = ABI;
  words[Header.counters] = (options.bank ?? 0) * COUNTER_BANK;
  words[Header.otherwise] = finalReference(policy.default, -1);
  words[Header.broken] = finalReference('deny', -1);
  const allow = new Uint32Array(MAX_RULES / 32);
  policy.rules.forEach((rule, i) => {
    if (rule.verdict === 'allow') allow[i >> 5] = (allow[i >> 5] ?? 0) | (1 << (i & 31));
  });
  putBits(words, Header.allow, allow);
  putRowAt(words, Header.any, new Uint32Array(MAX_RULES / 32).fill(0xffffffff));
}

/** A guess at the size, on the large side: memory that stays untouched costs nothing, an image that moves does. */
function estimateCells(policy: Policy): number {
  let cells = 0;
  for (const { match } of policy.rules) {
    for (const set of [match.source, match.destination]) {
      cells += 12 * ((set?.v4.length ?? 0) / 2) + 20 * ((set?.v6.length ?? 0) / 4);
    }
  }
  return Math.min(PAGE_CELLS + cells, BANK_PAGES * PAGE_CELLS);
}
