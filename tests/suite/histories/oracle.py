"""Independent oracle: NONMEM-like records through nonlinear models, scipy between stops."""
import heapq, itertools, math
import numpy as np
from scipy.integrate import solve_ivp

class NoSteady(Exception): pass

class Model:
    """depot(0) central(1) peripheral(2) urine(3, accumulator)."""
    def __init__(s, p):
        s.p = p; s.n = 4
    def rhs(s, t, y, rate, on):
        p = s.p
        d, c, q, u = (y[i] if on[i] else 0.0 for i in range(4))
        loss = p['vm']*c/(p['km']+c) + p['k10']*c
        f = [-p['ka']*d, p['ka']*d - loss - p['k12']*c + p['k21']*q, p['k12']*c - p['k21']*q, loss]
        return [ (f[i]+rate[i]) if on[i] else 0.0 for i in range(4)]
    def F(s, cmt, t): return s.p['F%d'%cmt] * (1 + s.p['Ft']*t/100.0) if cmt < 2 else 1.0
    def lag(s, cmt, t): return s.p['L%d'%cmt] if cmt < 2 else 0.0

ACC = [3]

class Sim:
    def __init__(s, m):
        s.m = m; s.t = 0.0
        s.clear()
    def clear(s):
        s.y = np.zeros(4); s.on = [True]*4; s.inf = []  # (cmt, rate, end, birth)
        s.q = []; s.birth = itertools.count()
    def rates(s):
        r = [0.0]*4
        for c, rt, e, b in s.inf: r[c] += rt
        return r
    def flow(s, t1):
        if t1 <= s.t: return
        r = s.rates(); on = list(s.on)
        sol = solve_ivp(lambda t, y: s.m.rhs(t, y, r, on), (s.t, t1), s.y, method='DOP853', rtol=1e-11, atol=1e-12)
        assert sol.success
        s.y = sol.y[:, -1].copy(); s.t = t1
    def next_due(s):
        c = [(e, 0, b, ('end', i)) for i, (cc, rt, e, b) in enumerate(s.inf)]
        c += [x for x in s.q]
        return min(c, key=lambda x: x[:3]) if c else None
    def do_due(s, upto, inclusive=True):
        while True:
            d = s.next_due()
            if d is None or d[0] > upto or (not inclusive and d[0] >= upto): return
            s.flow(d[0])
            if d[3][0] == 'end':
                s.inf.pop(d[3][1])
            else:
                s.q.remove(d)
                if d[3][0] == 'arr': s.arrive(*d[3][1:])
                else: s.give_one(*d[3][1:])
    def advance(s, t1):
        s.do_due(t1); s.flow(t1)
    def entry(s, dose):
        c = dose['cmt']; tot = s.m.F(c, s.t)*dose['amt']; k = dose['kind']
        if k == 'bolus': return (tot, 0.0, 0.0)
        if k == 'rate': return (0.0, dose['rate'], tot/dose['rate'])
        if k == 'mrate': return (0.0, s.m.p['R%d'%c], tot/s.m.p['R%d'%c])
        if k == 'mdur': return (0.0, tot/s.m.p['D%d'%c], s.m.p['D%d'%c])
        if k == 'dur': return (0.0, tot/dose['dur'], dose['dur'])
    def arrive(s, c, e):
        s.on[c] = True
        b, r, d = e
        s.y[c] += b
        if r > 0 and d > 0:
            if s.t + d > s.t: s.inf.append((c, r, s.t+d, next(s.birth)))
            else: s.y[c] += r*d
    def give_one(s, dose, t0, rep):
        if rep < dose['addl']:
            s.q.append((t0+(rep+1)*dose['ii'], 4, next(s.birth), ('rep', dose, t0, rep+1)))
        e = s.entry(dose); L = s.m.lag(dose['cmt'], s.t)
        if L > 0: s.q.append((s.t+L, 1, next(s.birth), ('arr', dose['cmt'], e)))
        else: s.arrive(dose['cmt'], e)
    def reset(s):
        t = s.t; s.clear(); s.t = t
    def steady(s, dose):
        e = s.entry(dose); L = s.m.lag(dose['cmt'], s.t); c = dose['cmt']; ii = dose['ii']
        if dose['ss'] == 1: s.reset()
        s.on[c] = True
        b, r, d = e
        sub = Sim(s.m); sub.on = list(s.on)
        idx = [i for i in range(4) if i not in ACC and s.on[i] and (i != 2 or s.m.p['k12'] > 0)]
        if dose['amt'] == 0:   # constant infusion
            f = lambda y: np.array(s.m.rhs(s.t, y, [r if i == c else 0.0 for i in range(4)], s.on))[idx]
            from scipy.optimize import fsolve
            def g(z):
                y = np.zeros(4); y[idx] = z
                return f(y)
            # from a long run
            sub.t = 0.0; sub.inf = [(c, r, 1e9, 0)]
            for k in range(60):
                y0 = sub.y.copy(); sub.flow(sub.t + 50.0)
                if np.max(np.abs(sub.y[idx]-y0[idx])) < 1e-10*(1+np.max(np.abs(sub.y[idx]))): break
            z, info, ok, msg = fsolve(g, sub.y[idx], xtol=1e-13, full_output=True)
            y = np.zeros(4); y[idx] = z
            if np.max(np.abs(g(z))) > 1e-8 or np.min(z) < -1e-9 or np.max(np.abs(z - sub.y[idx])) > 1e-3*(1+np.max(np.abs(z))): raise NoSteady
            s.y += y; return
        # simulate the train: arrivals at j*ii, state just before arrival J
        m = math.floor(L/ii); rest = L - m*ii; phase = ii - rest
        def one(y, length):
            """from just before an arrival to `length` later"""
            x = Sim(s.m); x.on = list(s.on); x.y = y.copy(); x.t = 0.0
            x.y[3] = 0.0
            j = 0
            # infusions begun earlier and still running
            while r > 0 and j*ii < d:
                left = d - j*ii
                if left > 0: x.inf.append((c, r, left, next(x.birth)))
                j += 1
            x.y[c] += b
            x.do_due(length); x.flow(length)
            return x.y
        y = np.zeros(4); ok = False
        for k in range(400):
            z = one(y, ii); z[3] = 0.0
            err = np.max(np.abs(z-y)); y = z
            if err < 1e-11*(1+np.max(np.abs(y))): ok = True; break
            if k in (60, 120, 200, 300):
                # Newton by differences
                for _ in range(6):
                    z = one(y, ii); z[3] = 0
                    g = (z-y)[idx]; J = np.zeros((len(idx), len(idx)))
                    for jj, i in enumerate(idx):
                        h = 1e-5*(1+abs(y[i])); yy = y.copy(); yy[i] += h
                        zz = one(yy, ii); zz[3] = 0
                        J[:, jj] = ((zz-yy)[idx]-g)/h
                    st = np.linalg.solve(J, g); y2 = y.copy(); y2[idx] -= st
                    if np.min(y2[idx]) < 0: break
                    y = y2
                    if np.max(np.abs(st)) < 1e-10*(1+np.max(np.abs(y))): break
        if not ok: raise NoSteady
        if np.max(y) > 1e7: raise NoSteady
        st = one(y, phase) if phase < ii else y.copy()
        st[3] = 0.0
        s.y += st
        begun = phase
        while r > 0 and begun < d:
            s.inf.append((c, r, s.t + (d-begun), next(s.birth))); begun += ii
        for k in range(m, 0, -1):
            s.q.append((s.t + L - k*ii, 1, next(s.birth), ('arr', c, e)))
    def give(s, dose):
        if dose['ss']: s.steady(dose)
        if dose['ss'] and dose['amt'] == 0: return
        s.give_one(dose, s.t, 0)

def run(m, recs):
    """recs: dicts time, evid, ...; returns rows (time, y)."""
    s = Sim(m); rows = []; first = True
    s.t = min(0.0, recs[0]['time'])
    last = -1e99
    for r in recs:
        if r['time'] < last:   # restart
            s.clear(); s.t = r['time']
        else:
            s.advance(r['time'])
        last = r['time']
        e = r['evid']
        if e == 0: rows.append((r['time'], s.y.copy()))
        if e in (3, 4): s.reset()
        if e in (1, 4): s.give(r)
        if e in (0, 2) and r.get('off') is not None:
            c = r['off']; s.y[c] = 0.0; s.on[c] = False
            s.inf = [x for x in s.inf if x[0] != c]
        s.do_due(s.t)
    return rows
