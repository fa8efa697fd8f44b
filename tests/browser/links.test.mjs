// Links: opening one shows it, reruns it and says whether the result is the same; hostile ones are
// read as far as they can be, and everything that is wrong with them is named.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { assertClean, openPage, startLab } from './lab.mjs';
import { command, nativeRecord } from './native.mjs';
import { assertSame, drawn, finish, reach, recordOf, settle, texts, told } from './runs.mjs';

const SMALL = '#v=1&x=dynamics&w=16&pre=60&ft=40&n=16&s=0..4';

let lab;
let claimed; // of SMALL: build, fingerprint's hash and medians
before(async () => {
  lab = await startLab();
  const { build, fingerprint } = nativeRecord(SMALL);
  const [, hash, medians] = fingerprint.match(/^c([0-9a-f]{8})\.(.+)$/);
  claimed = { build, hash, medians };
});
after(() => lab?.close());

const hash = (page) => page.evaluate(() => location.hash);
const verdict = async (page) => ({
  kind: await page.locator('#verdict').getAttribute('data-verdict'),
  text: await page.locator('#verdict-text').textContent(),
});
const claiming = (fingerprint, build = claimed.build) => `${SMALL}&b=${build}&fp=${fingerprint}`;

describe('the verdict on a link with a fingerprint', () => {
  async function open(link) {
    const { page, watch, close } = await openPage(lab, `/${link}`);
    await finish(page);
    const found = { ...await verdict(page), more: await page.locator('#said-more').textContent(), notices: await texts(page, '#notices p') };
    assertSame(await recordOf(page), nativeRecord(SMALL), link);
    assertClean(watch);
    await close();
    return found;
  }

  test('is "Reproduced exactly" where every bit is the same', async () => {
    const { kind, text, notices } = await open(claiming(`c${claimed.hash}.${claimed.medians}`));
    assert.deepEqual({ kind, text }, { kind: 'exact', text: 'Reproduced exactly' });
    assert.deepEqual(notices, []);
  });

  test('is "Same medians" where only the bits differ', async () => {
    const other = claimed.hash === '00000000' ? '11111111' : '00000000';
    const { kind, text, more } = await open(claiming(`c${other}.${claimed.medians}`));
    assert.deepEqual({ kind, text }, { kind: 'tolerance', text: 'Same medians' });
    assert.match(more, /yet some bit of some seed differs/);
  });

  test('is "Within" where the medians are off by less than the promise', async () => {
    const { kind, text, more } = await open(claiming(`c00000000.${nudged(claimed.medians, 1)}`));
    assert.equal(kind, 'tolerance');
    const largest = Number(text.match(/^Within (\d\.\de-\d)$/)?.[1]);
    assert.ok(largest > 0 && largest <= 3e-3, text);
    assert.match(more, /the promise is 3e-3/);
  });

  test('is "Differs from" a place where a median is off by more', async () => {
    const { kind, text, more } = await open(claiming(`c00000000.${nudged(claimed.medians, 200)}`));
    assert.equal(kind, 'differs');
    const step = Number(text.match(/^Differs from fine-tuning step (\d+)$/)?.[1]);
    assert.equal(step, 40, 'the last median, which was changed, is at the last step');
    assert.match(more, /Not the same result\. It differs, from fine-tuning step 40 on \(largest difference/);
  });

  test('is "Differs from" the first checkpoint where nothing can be compared', async () => {
    const { kind, text } = await open(claiming('c00000000'));
    assert.deepEqual({ kind, text }, { kind: 'differs', text: 'Differs from the first checkpoint' });
  });

  test('says so where another build made the link', async () => {
    const { kind, notices } = await open(claiming(`c${claimed.hash}.${claimed.medians}`, '0.0.9-abcdef01'));
    assert.equal(kind, 'exact');
    assert.equal(notices.length, 1);
    assert.match(notices[0], /0\.0\.9-abcdef01/);
    assert.ok(notices[0].includes(claimed.build), notices[0]);
  });

  /** The medians of a fingerprint with the last one moved by `units` of its last kept digit. */
  function nudged(medians, units) {
    const bits = [...Buffer.from(medians, 'base64url')].map((byte) => byte.toString(2).padStart(8, '0')).join('');
    const count = Math.floor(bits.length / 18);
    const codes = Array.from({ length: count }, (_, k) => parseInt(bits.slice(18 * k, 18 * k + 18), 2));
    codes[count - 1] += units;
    const changed = codes.map((code) => code.toString(2).padStart(18, '0')).join('').padEnd(bits.length, '0');
    return Buffer.from(changed.match(/.{8}/g).map((byte) => parseInt(byte, 2))).toString('base64url');
  }
});

describe('hostile links', () => {
  // What was asked, and what the notices must say: field, value, what is accepted.
  const cases = [
    ['lr=NaN&w=-4', [/lr = "NaN"; accepted: a number from .*; used instead: 0\.01/, /w = "-4"; accepted: .*from 1 to 4096/]],
    ['w=1e9&s=3', [/w = "1e9"; accepted: .*from 1 to 4096.*; used instead: 4096/]],
    ['s=0..4294967295&w=4&pre=10&ft=10&n=4', [/s = "0\.\.4294967295"; accepted: 1 to 1024 seeds/]],
    ['n=0&sd=-1&pre=-5&ft=0&s=1', [/n = "0"/, /sd = "-1"/, /pre = "-5"/, /ft = "0"; accepted: a whole number from 1 to 100000/]],
    ['sd=Infinity&mu=1,-1&s=1', [/sd = "Infinity"/, /means = "1,-1"; accepted: the centre of X1 to the left/]],
    ['zzz=1&s=1', [/zzz = "1"; accepted: nothing under this key; known keys are wo, w, d, bl, act/]],
    ['act=sine&opt=lion&s=1', [/act = "sine"; accepted: one of relu, tanh, erf, linear/, /opt = "lion"; accepted: one of gd, sgd, momentum, adam/]],
    ['p=0.5,2,x&rs=1@5&s=1', [/p = "0\.5,2,x"/, /rs = "1@5"/]],
    ['w=8&w=16&s=1', [/w = "16"; accepted: each key once/]],
    ['fp=nonsense&s=1', [/fp = "nonsense"; accepted: a letter, 8 hex digits/]],
    ['t=999999999&s=1', [/t = "999999999"; accepted: a step of this run, from 0 to 2500; used instead: its end/]],
    ['t=abc&c=zz&ui.theme=purple&proj=yes&s=1', [
      /t = "abc"; accepted: a step of this run, from 0 to 2500; used instead: its end/,
      /c = "zz"; accepted: a width of this run, a comma, the place of its replay share, from 0 to 0; used/,
      /ui\.theme = "purple"; accepted: light or dark; used instead: /,
      /proj = "yes"; accepted: 0 or 1; used instead: 0/,
    ]],
    ['c=7,0&s=1', [/c = "7,0"; accepted: a width of this run/]],
    ['ew1=1x9999&s=1', [/ew1 = "1x9999"|new_weights = /]],
    ['w=%3Cimg%20src%3Dx%20onerror%3Dwindow.hurt%3D1%3E&s=1', [/w = "<img src=x onerror=window\.hurt=1>"/]],
    ['%00%ff%fe=%80%81&s=1', [/accepted: nothing under this key/]],
  ];
  for (const [asked, wanted] of cases) {
    test(`#${asked.slice(0, 60)} is named, and the page lives`, async () => {
      const { page, watch, close } = await openPage(lab, `/#v=1&x=dynamics&${asked}`);
      await assertNamed(page, wanted);
      await assertAlive(page);
      assertClean(watch);
      await close();
    });
  }

  test('another version and another experiment are named', async () => {
    const { page, watch, close } = await openPage(lab, '/#v=99&x=quantum&s=1');
    await assertNamed(page, [/v = "99"; accepted: a whole number from 1 to 1/, /x = "quantum"; accepted: one of dynamics, width, replay/]);
    await assertAlive(page);
    assertClean(watch);
    await close();
  });

  test('a hash of 20 kB is named, and the page lives', async () => {
    const { page, watch, close } = await openPage(lab, `/#v=1&w=${'1,'.repeat(10_000)}`);
    await assertNamed(page, [/link = "20\d\d\d bytes"; accepted: at most 16384 bytes; used instead: the defaults/]);
    await assertAlive(page);
    assertClean(watch);
    await close();
  });

  test('200 unknown keys are all named without a stutter', async () => {
    const keys = Array.from({ length: 200 }, (_, k) => `k${k}=${k}`).join('&');
    const { page, watch, close } = await openPage(lab, `/#v=1&s=1&${keys}`);
    await settle(page);
    assert.equal((await texts(page, '#notices p')).length, 200);
    await assertAlive(page);
    assertClean(watch);
    await close();
  });

  test('random bytes never break the page', async () => {
    const { page, watch, close } = await openPage(lab, '/');
    await settle(page);
    let seed = 20_240_229;
    const next = () => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed >>> 16;
    };
    const letters = 'vxwsplrn=&,.%0123456789-@eE#\u00e9\u2028\u{1f30a}';
    for (let round = 0; round < 40; round += 1) {
      const text = Array.from({ length: next() % 80 }, () => [...letters][next() % [...letters].length]).join('');
      // Few seeds and steps come first, so that the rest decides nothing but what is wrong.
      await page.evaluate((hash) => { location.hash = hash; }, `s=1&pre=10&ft=10&n=4&${text}`);
      await drawn(page);
      const state = await told(page);
      assert.ok(state && state.link.startsWith('#v=1&x='), `after #${text}`);
    }
    await assertAlive(page);
    assertClean(watch);
    await close();
  });

  async function assertNamed(page, wanted) {
    await settle(page);
    const notices = await texts(page, '#notices p');
    for (const each of wanted) {
      const notice = page.locator('#notices .notice').filter({ hasText: each }).first();
      assert.ok(notices.some((text) => each.test(text)), `${each} in ${JSON.stringify(notices)}`);
      assert.ok(await notice.isVisible(), `${each} is visible`);
    }
    assert.equal(await page.evaluate(() => window.hurt), undefined);
  }

  /** A small run from here on still works: the page has survived. */
  async function assertAlive(page) {
    await page.evaluate((link) => { location.hash = link; }, SMALL);
    await finish(page);
    assertSame(await recordOf(page), nativeRecord(SMALL), 'a run after a hostile link');
  }
});

describe('the address', () => {
  test('a run that is too long waits for Run, and the page says why', async () => {
    const link = '#v=1&x=dynamics&w=4096&lr=0.0001&pre=20000&ft=5000';
    const { page, watch, close } = await openPage(lab, `/${link}`);
    await settle(page);
    assert.equal((await told(page)).phase, 'idle');
    assert.ok((await texts(page, '#notices p')).some((text) => /waits for you: press Run/.test(text)));
    assert.equal(await hash(page), link);
    await page.locator('#run').click();
    await reach(page, 'running');
    await drawn(page);
    assert.deepEqual(await texts(page, '#notices p'), [], 'it waits no longer');
    await page.locator('#cancel').click();
    await reach(page, 'idle');
    assertClean(watch);
    await close();
  });

  test('several widths in an experiment of one are all said', async () => {
    const { page, watch, close } = await openPage(lab, '/#v=1&x=dynamics&w=16,64&pre=60&ft=40&n=16&s=0..4');
    await finish(page);
    assert.equal(await page.locator('.ctl[data-key=w] .val').first().textContent(), '16, 64');
    assertClean(watch);
    await close();
  });

  test('more than a page may do is cut down, and the cap is explained', async () => {
    const { page, watch, close } = await openPage(lab, '/#v=1&x=dynamics&w=4096&pre=100000&ft=100000&s=0..1023&n=4096');
    await settle(page);
    const notices = await texts(page, '#notices p');
    assert.ok(notices.some((text) => /work = .*accepted: at most 20000 networks .* half an hour.*used instead: /.test(text)), notices.join('\n'));
    assert.equal((await told(page)).phase, 'idle');
    assertClean(watch);
    await close();
  });

  test('holds the canonical link of what is shown, and Back and Forward walk through the runs', async () => {
    const { page, watch, close } = await openPage(lab, '/');
    await settle(page);
    await page.locator('#set-s').fill('0..1');
    await page.locator('#set-s').blur();
    await page.locator('#set-ft').focus();
    await page.keyboard.press('Home');
    await drawn(page);
    assert.equal(await hash(page), '#v=1&x=dynamics&ft=10&s=0,1');
    await page.locator('#run').click();
    await finish(page);
    await page.locator('#set-ft').focus();
    await page.keyboard.press('ArrowRight');
    await page.locator('#run').click();
    await finish(page);
    assert.equal(await hash(page), '#v=1&x=dynamics&ft=20&s=0,1');
    await page.goBack();
    await page.waitForFunction(() => window.lethe.state().link.startsWith('#v=1&x=dynamics&ft=10&s=0,1'));
    await finish(page);
    assertSame(await recordOf(page), nativeRecord('#v=1&x=dynamics&ft=10&s=0,1'), 'after Back');
    assert.equal(await page.locator('#link-field').inputValue(), await hash(page));
    await page.goForward();
    await page.waitForFunction(() => window.lethe.state().link.startsWith('#v=1&x=dynamics&ft=20&s=0,1'));
    await finish(page);
    assertSame(await recordOf(page), nativeRecord('#v=1&x=dynamics&ft=20&s=0,1'), 'after Forward');
    assertClean(watch);
    await close();
  });

  test('a new hash is opened like a link', async () => {
    const { page, watch, close } = await openPage(lab, '/sub/');
    await settle(page);
    await page.evaluate((link) => { location.hash = link; }, SMALL);
    await finish(page);
    assertSame(await recordOf(page), nativeRecord(SMALL), 'by hash');
    assert.equal(await page.locator('html').getAttribute('data-sweeps'), 'nothing');
    assertClean(watch);
    await close();
  });

  test('"Copy link" adds build and fingerprint, and the copy verifies', async () => {
    const { page, watch, close } = await openPage(lab, `/sub/${SMALL}`, { permissions: ['clipboard-read', 'clipboard-write'] });
    await finish(page);
    await page.locator('#copy-link').click();
    await page.waitForFunction(() => document.getElementById('announce').textContent === 'Link copied');
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(copied, `${lab.origin}/sub/${nativeRecord(SMALL).link}`);
    await page.goto('about:blank');
    await page.goto(copied);
    await finish(page);
    assert.deepEqual(await verdict(page), { kind: 'exact', text: 'Reproduced exactly' });
    assertClean(watch);
    await close();
  });

  for (const link of [SMALL, '#v=1&x=replay&w=16&p=0,0.01,0.3&pre=60&ft=40&n=16&s=0..4', '#v=1&x=dynamics&w=64&lr=5&pre=60&ft=40&n=16&s=0..2']) {
    test(`the command that the page offers says the same, word for word: ${link}`, async () => {
      const { page, close } = await openPage(lab, `/${link}`);
      await finish(page);
      const [, offered] = (await page.locator('#twin').textContent()).match(/^lethe run '(.*)'$/);
      assert.equal(offered, nativeRecord(link).link);
      const { status, stdout } = command('run', offered);
      assert.equal(status, 0);
      const [said, more] = stdout.split('\n').map((line) => line.trim());
      assert.equal((await page.locator('#said').textContent()).trim(), said);
      assert.equal((await page.locator('#said-more').textContent()).trim(), more);
      await close();
    });
  }
});
