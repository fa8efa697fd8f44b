// Records: what the page and the command line save is what the schema says, and opening one reruns
// and compares it.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import Ajv2020 from 'ajv/dist/2020.js';
import { checkout } from '../../scripts/setup/cache.mjs';
import { assertClean, openPage, startLab } from './lab.mjs';
import { command, nativeRecord } from './native.mjs';
import { assertSame, finish, recordOf, settle, told } from './runs.mjs';

const LINK = '#v=1&x=width&w=4,16&pre=60&ft=40&n=16&s=0..4';
// Every shape that a record has: sweeps, a schedule, weights, stops, divergences, Adam's missing comparison, predictions, plans with
// and without an answer of theory, sequences of tasks that end and that blow up.
const SHAPES = [
  LINK,
  '#v=1&x=dynamics&w=8&rs=0@0,0.3@10&pre=30&ft=20&n=4&ew1=2x2,0x2&s=1,3',
  '#v=1&x=replay&w=8&p=0,0.1&pre=30&ft=20&n=8&s=0..2',
  '#v=1&x=width&w=4,8&opt=adam&lr=0.003&pre=30&ft=20&n=8&s=0..4',
  '#v=1&x=width&w=4,32&lr=0.05&stop=0.02&pre=60&ft=40&n=16&s=0..2',
  '#v=1&x=dynamics&w=64&lr=5&pre=60&ft=40&n=16&s=0..2',
  '#v=1&x=dynamics&s=7&pre=0&ft=5&n=4&w=2',
  '#v=1&x=ntk&w=8,16&pre=60&ft=40&n=16&p=0,0.1&s=0..5',
  '#v=1&x=curriculum&w=8&act=tanh&pre=60&ft=40&n=16&s=0..5&sg=4',
  '#v=1&x=curriculum&w=64&lr=0.4&pre=60&ft=40&n=16&s=0..1&sg=4',
  '#v=1&x=replay&wo=rotated&w=8&pre=60&ft=40&p=0,0.1&nt=3&n=16&s=0..5',
  '#v=1&x=dynamics&wo=permuted&w=64&lr=5&pre=60&ft=40&n=16&s=0..1',
  '#v=1&x=dynamics&wo=teacher&w=8&pre=60&ft=40&din=3&sim=0.3&n=16&s=0..1',
];

const schema = JSON.parse(readFileSync(join(checkout, 'docs', 'record.schema.json'), 'utf8'));
const valid = new Ajv2020({ allErrors: true, strict: true, strictTypes: false }).compile(schema);

let lab;
let folder;
before(async () => {
  lab = await startLab();
  folder = mkdtempSync(join(tmpdir(), 'lethe-records-'));
});
after(async () => {
  rmSync(folder, { recursive: true });
  await lab?.close();
});

function assertValid(record, what) {
  assert.ok(valid(record), `${what}: ${JSON.stringify(valid.errors?.slice(0, 5))}`);
}

function file(name, content) {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

/** Saves the record of the page's run and returns the path of the file. */
async function saved(page, name) {
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#save-record').click()]);
  assert.equal(download.suggestedFilename(), `lethe-${(await told(page)).run_id}.json`);
  const path = join(folder, name);
  await download.saveAs(path);
  return path;
}

describe('the schema', () => {
  for (const link of SHAPES) {
    test(`holds for the command line's record of ${link}`, () => assertValid(nativeRecord(link), link));
  }

  test('holds for the records that the page saves', async () => {
    const { page, watch, close } = await openPage(lab, '/');
    await settle(page);
    for (const [index, link] of SHAPES.entries()) {
      await page.evaluate((text) => window.lethe.run(text), link);
      await finish(page);
      assertValid(JSON.parse(readFileSync(await saved(page, `shape-${index}.json`), 'utf8')), link);
    }
    assertClean(watch);
    await close();
  });

  test('refuses what is no record', () => {
    const record = nativeRecord(LINK);
    const changes = {
      'another schema': { schema: 2 },
      'an unknown part': { more: 1 },
      'a wrong fingerprint': { fingerprint: 'x' },
      'no series': { series: [] },
      'a spec outside its ranges': { spec: { ...record.spec, widths: [0] } },
    };
    for (const [what, change] of Object.entries(changes)) assert.equal(valid({ ...record, ...change }), false, what);
  });
});

describe('a record that is opened', () => {
  const badge = (page) => page.locator('#verdict').getAttribute('data-verdict');

  test('is rerun and reproduced exactly, whichever of the two saved it', async () => {
    const { page, watch, close } = await openPage(lab, '/');
    await settle(page);
    await page.evaluate((link) => window.lethe.run(link), LINK);
    await finish(page);
    const own = await saved(page, 'own.json');
    for (const path of [own, file('native.json', nativeRecord(LINK))]) {
      await page.reload();
      await settle(page);
      await page.locator('#open-record').setInputFiles(path);
      await finish(page);
      assert.equal(await badge(page), 'exact', path);
      assert.equal(await page.locator('#verdict-text').textContent(), 'Reproduced exactly');
      assertSame(await recordOf(page), nativeRecord(LINK), path);
    }
    const { status, stdout } = command('verify', own);
    assert.equal(status, 0, stdout);
    assert.match(stdout, /reproduced exactly/);
    assertClean(watch);
    await close();
  });

  test('may be dropped anywhere on the page', async () => {
    const { page, watch, close } = await openPage(lab, '/');
    await settle(page);
    await page.evaluate((text) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text], 'record.json', { type: 'application/json' }));
      for (const type of ['dragover', 'drop']) {
        document.getElementById('said').dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
      }
    }, JSON.stringify(nativeRecord(LINK)));
    await finish(page);
    assert.equal(await badge(page), 'exact');
    assertClean(watch);
    await close();
  });

  test('that was tampered with differs, from a place that is named', async () => {
    const { page, watch, close } = await openPage(lab, '/');
    await settle(page);
    const record = structuredClone(nativeRecord(LINK));
    const { steps, ood_loss: losses } = record.series[3].fine_tuning[0];
    losses[5] *= 1.5;
    record.summary.cells[1].ood_loss.median *= 1.5;
    const path = file('tampered.json', record);
    await page.locator('#open-record').setInputFiles(path);
    await finish(page);
    assert.equal(await badge(page), 'differs');
    const { seed, width } = record.series[3];
    assert.equal(await page.locator('#verdict-text').textContent(), `Differs from seed ${seed}`);
    const place = `differs, from seed ${seed}, width ${width}, p = 0, fine-tuning step ${steps[5]} on`;
    const more = await page.locator('#said-more').textContent();
    assert.ok(more.includes(place), `"${place}" in "${more}"`);
    const { status, stdout } = command('verify', path);
    assert.equal(status, 1);
    assert.ok(stdout.includes(place), stdout);
    assertClean(watch);
    await close();
  });

  test('that is none is refused with what is wrong, and the page lives', async () => {
    const { page, watch, close } = await openPage(lab, '/');
    await settle(page);
    const record = nativeRecord(LINK);
    const ragged = structuredClone(record);
    ragged.series[0].pretraining.id_loss.pop();
    const wrong = [
      ['picture.json', '\x89PNG', /accepted: the JSON of a record/],
      ['list.json', '[1, 2, 3]', /accepted: the JSON of a record/],
      ['empty.json', '', /accepted: the JSON of a record/],
      ['other.json', { a: 1 }, /missing field/],
      ['newer.json', { ...record, schema: 99 }, /schema = "99"; accepted: 1/],
      ['stranger.json', { ...record, run_id: '0'.repeat(16) }, new RegExp(`run_id = "0{16}"; accepted: ${record.run_id}`)],
      ['absurd.json', { ...record, spec: { ...record.spec, widths: [1_000_000] } }, /widths = "1000000"; accepted: .*from 1 to 4096/],
      ['ragged.json', ragged, /id_loss = "\d+ values"; accepted: \d+ values, one per step/],
    ];
    for (const [name, content, said] of wrong) {
      await page.locator('#open-record').setInputFiles(file(name, content));
      const refusal = page.locator('#record-error').filter({ hasText: said });
      await refusal.waitFor({ timeout: 10_000 }).catch(async () => {
        assert.fail(`${name}: ${said} in "${await page.locator('#record-error').textContent()}"`);
      });
      assert.match(await refusal.textContent(), /^This record was not opened\./, name);
    }
    await page.locator('#open-record').setInputFiles(file('right.json', record));
    await finish(page);
    assert.equal(await page.locator('#record-error').textContent(), '');
    assert.equal(await badge(page), 'exact');
    assertClean(watch);
    await close();
  });
});
