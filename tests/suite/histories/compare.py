"""Random dosing histories: `EPSOM=path python3 compare.py FROM TO` runs and compares them."""
import csv, io, os, random, subprocess, sys, tempfile
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from oracle import Model, run, NoSteady
BIN = os.environ.get('EPSOM', 'epsom')

def make(seed):
    g = random.Random(seed)
    two = g.random() < 0.5
    p = dict(ka=g.choice([0.4, 1.1, 3.0]), vm=g.choice([8.0, 20.0, 30.0]), km=g.choice([5.0, 20.0, 60.0]),
             k10=g.choice([0.0, 0.05, 0.2]), k12=0.3*two, k21=0.1*two)
    if g.random() < 0.15: p['vm'] = 0.0; p['k10'] = 0.2
    for c in (0, 1):
        p['F%d' % c] = g.choice([1.0, 1.0, 0.5, 0.8, 1.3])
        p['L%d' % c] = g.choice([0.0, 0.0, 0.5, 1.3, 5.0, 7.5, 12.0, 20.0])
        p['R%d' % c] = g.choice([2.0, 5.0, 11.0])
        p['D%d' % c] = g.choice([0.5, 2.0, 6.0, 14.0])
    p['Ft'] = g.choice([0.0, 0.0, 1.0])
    per = ("- k12*central + k21*peripheral\n d/dt(peripheral) <- k12*central - k21*peripheral" if two else "")
    ini = "; ".join("%s <- %r" % kv for kv in p.items())
    text = f"""ini({{ {ini} }})
model({{
 d/dt(depot) <- -ka*depot
 d/dt(central) <- ka*depot - vm*central/(km+central) - k10*central {per}
 d/dt(urine) <- vm*central/(km+central) + k10*central
 f(depot) <- F0*(1+Ft*t/100)
 f(central) <- F1*(1+Ft*t/100)
 alag(depot) <- L0
 alag(central) <- L1
 rate(depot) <- R0
 rate(central) <- R1
 dur(depot) <- D0
 dur(central) <- D1
}})
"""
    cap = p['vm'] + 30*p['k10']  # average input allowed
    recs = []; t = g.choice([0.0, 0.0, 1.5])
    grid = g.random() < 0.6
    n = g.randint(4, 9)
    for i in range(n):
        if i:
            step = g.choice([0.0, 0.5, 1.0, 2.0, 4.0, 6.0, 12.0]) if grid else round(g.uniform(0, 9), 3)
            t = round(t + step, 6)
        u = g.random()
        if u < 0.55 or i == 0:
            c = g.choice([0, 1])
            r = dict(time=t, evid=1, cmt=c, amt=g.choice([5.0, 20.0, 50.0, 100.0]), kind='bolus', addl=0, ii=0.0, ss=0)
            k = g.random()
            if k < 0.5: pass
            elif k < 0.65: r['kind'] = 'rate'; r['rate'] = g.choice([3.0, 10.0, 40.0])
            elif k < 0.77: r['kind'] = 'mrate'
            elif k < 0.89: r['kind'] = 'mdur'
            else: r['kind'] = 'dur'; r['dur'] = g.choice([0.25, 3.0, 8.0])
            if g.random() < 0.5:
                r['ii'] = g.choice([2.0, 4.0, 6.0, 12.0]); 
                v = g.random()
                if v < 0.5: r['addl'] = g.randint(1, 6)
                if v > 0.3: r['ss'] = g.choice([1, 1, 2])
                if r['ss'] == 0 and r['addl'] == 0: r['ii'] = 0.0
                if r['ss']:
                    # keep below capacity
                    while p['F%d' % c]*1.4*r['amt']/r['ii'] > 0.6*cap and r['amt'] > 1: r['amt'] = round(r['amt']*0.6, 3)
                    if g.random() < 0.12 and r['kind'] in ('rate', 'mrate'):
                        r['amt'] = 0.0; r['ii'] = 0.0; r['addl'] = 0
                        rate = r['rate'] if r['kind'] == 'rate' else p['R%d' % c]
                        if rate > 0.6*cap: r['kind'] = 'rate'; r['rate'] = 0.4*cap
            recs.append(r)
        elif u < 0.65:
            back = g.random() < 0.4
            r = dict(time=t, evid=3)
            if back: t = g.choice([0.0, 0.0, 1.0]); r['time'] = t
            recs.append(r)
        elif u < 0.73:
            back = g.random() < 0.4
            if back: t = g.choice([0.0, 0.0, 1.0])
            recs.append(dict(time=t, evid=4, cmt=g.choice([0, 1]), amt=g.choice([10.0, 30.0]), kind='bolus', addl=0, ii=0.0, ss=0))
        elif u < 0.85:
            recs.append(dict(time=t, evid=g.choice([0, 2]), off=g.choice([0, 1, 3, 1] + ([2] if two else []))))
        else:
            recs.append(dict(time=t, evid=0))
        if g.random() < 0.8: recs.append(dict(time=t, evid=0))
    for _ in range(8):
        t = round(t + g.choice([0.0, 0.5, 1.0, 3.0, 5.0, 11.0]), 6)
        recs.append(dict(time=t, evid=0))
    return two, p, text, recs

NAMES = ['depot', 'central', 'peripheral', 'urine']
def to_csv(recs):
    out = ['ID,TIME,EVID,AMT,CMT,RATE,DUR,II,ADDL,SS']
    for r in recs:
        cmt = NAMES[r['cmt']] if 'cmt' in r else ('-' + NAMES[r['off']] if r.get('off') is not None else '.')
        rate = {'rate': r.get('rate'), 'mrate': -1, 'mdur': -2}.get(r.get('kind'), '.')
        dur = r.get('dur') if r.get('kind') == 'dur' else '.'
        out.append(','.join(str(x) for x in (1, r['time'], r['evid'], r.get('amt', '.'), cmt, rate, dur, r.get('ii', '.'), r.get('addl', '.'), r.get('ss', '.'))))
    return '\n'.join(out) + '\n'

def engine(text, recs, folder, extra=()):
    os.makedirs(folder, exist_ok=True)
    open(folder + '/m.txt', 'w').write(text); open(folder + '/e.csv', 'w').write(to_csv(recs))
    r = subprocess.run([BIN, 'simulate', folder + '/m.txt', '--events', folder + '/e.csv', '--rtol', '1e-10', *extra], capture_output=True, text=True, timeout=300)
    rows = list(csv.reader(io.StringIO(r.stdout)))
    return rows, r.stderr, r.returncode

def one(seed):
    two, p, text, recs = make(seed)
    folder = os.path.join(tempfile.gettempdir(), 'histories', str(seed))
    rows, err, code = engine(text, recs, folder)
    try: want = run(Model(p), recs)
    except NoSteady: return seed, 'oracle-no-steady', code, err[-300:] if code else ''
    if code: return seed, 'engine-failed', code, err[-700:]
    head, rows = rows[0], rows[1:]
    if len(rows) != len(want): return seed, 'rows', len(rows), len(want)
    worst = (0, None)
    top = max(1e-12, max(abs(w).max() for _, w in want))
    for got, (t, w) in zip(rows, want):
        for name, v in zip(NAMES, w):
            if name not in head: continue
            x = float(got[head.index(name)])
            d = abs(x - v)/max(top, 1)
            if d > worst[0]: worst = (d, (t, name, x, float(v)))
    return seed, 'ok' if worst[0] < 1e-5 else 'DIFF', worst[0], worst[1]

if __name__ == '__main__':
    from multiprocessing import Pool
    a, b = int(sys.argv[1]), int(sys.argv[2])
    tally = {}
    def go(s):
        try: return one(s)
        except Exception as e: return s, 'crash', repr(e), ''
    with Pool(2) as pool:
        for r in pool.imap(go, range(a, b)):
            tally[r[1]] = tally.get(r[1], 0) + 1
            if r[1] != 'ok': print(*r, flush=True)
    print(tally)
