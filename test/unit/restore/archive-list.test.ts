import { describe, expect, it } from 'vitest';
import { entriesNaming, listWithout, parseArchiveList } from '#engine/restore/archive-list.ts';

const list = parseArchiveList(`;
; Archive created at 2026-11-20 19:54:37 UTC
;     dbname: shop
;     Dumped from database version: 15.18
;     Dumped by pg_dump version: 15.18 (Debian 15.18-0+deb12u1)
;
845; 1247 16388 TYPE public mood postgres
217; 1259 16405 TABLE public Mixed "Case postgres
3; 3079 16400 EXTENSION - hstore 
3314; 0 0 ACL public TABLE t app
3300; 0 16405 TABLE DATA public Mixed "Case postgres
3302; 0 16421 MATERIALIZED VIEW DATA public mv postgres
3140; 3466 16434 EVENT TRIGGER - et postgres
2060; 826 16435 DEFAULT ACL public DEFAULT PRIVILEGES FOR TABLES postgres
`);

describe('the table of contents of an archive', () => {
  it('says which versions wrote it', () => {
    expect([list.serverMajor, list.dumpMajor]).toEqual([15, 15]);
  });
  it('is the same with the line ends of Windows, and whatever signs are in a name', () => {
    const odd = '1; 1255 1 FUNCTION public line\u2028separator() postgres\n2; 1255 2 FUNCTION public next postgres\n';
    expect([parseArchiveList(odd), parseArchiveList(odd.replaceAll('\n', '\r\n'))].map(({ entries }) => entries.map(({ line }) => line))).toEqual(Array.from({ length: 2 }, () => odd.trim().split('\n')));
  });
  it('is refused where an entry cannot be read', () => {
    expect(() => parseArchiveList('1; TABLE public orders postgres\n')).toThrow(expect.objectContaining({ code: 'postgres.tool-failed' }));
  });
  it('is taken apart into kinds of one word and of several', () => {
    expect(list.entries.map(({ kind, schema, tag }) => [kind, schema, tag])).toEqual([
      ['TYPE', 'public', 'mood'],
      ['TABLE', 'public', 'Mixed "Case'],
      ['EXTENSION', null, 'hstore'],
      ['ACL', 'public', 'TABLE t'],
      ['TABLE DATA', 'public', 'Mixed "Case'],
      ['MATERIALIZED VIEW DATA', 'public', 'mv'],
      ['EVENT TRIGGER', null, 'et'],
      ['DEFAULT ACL', 'public', 'DEFAULT PRIVILEGES FOR TABLES'],
    ]);
  });
  it('is written again with entries commented out', () => {
    expect(listWithout(list, new Set([3140])).split('\n')).toEqual(expect.arrayContaining([';3140; 3466 16434 EVENT TRIGGER - et postgres', '845; 1247 16388 TYPE public mood postgres']));
  });
});

describe('entries that name a role', () => {
  const sql = (statement: string) => `--\n-- TOC entry 7 (class 0 OID 0)\n-- Name: TABLE t; Type: ACL; Schema: public; Owner: app\n--\n\n${statement}\n`;
  it.each([
    ['GRANT SELECT ON TABLE public.t TO reader;', ['reader']],
    ['GRANT SELECT ON TABLE public.t TO "Odd ""Role";', ['Odd "Role']],
    ['REVOKE ALL ON TABLE public.t FROM reader;', ['reader']],
    ['ALTER DEFAULT PRIVILEGES FOR ROLE reader IN SCHEMA public GRANT SELECT ON TABLES TO app;', ['reader']],
    ['CREATE POLICY p ON public.t TO app, reader USING (true);', ['reader']],
    ['CREATE USER MAPPING FOR reader SERVER s;', ['reader']],
    ['SET SESSION AUTHORIZATION reader;', ['reader']],
  ])('are found in %s', (statement, roles) => {
    expect(entriesNaming(sql(statement), roles)).toEqual(new Set([7]));
  });
  it.each([
    ['GRANT SELECT ON TABLE public.reader TO app;', ['reader']],
    ['GRANT SELECT ON TABLE public.t TO readers;', ['reader']],
    ['GRANT SELECT ON TABLE public.t TO "Reader";', ['reader']],
  ])('are not found in %s', (statement, roles) => {
    expect(entriesNaming(sql(statement), roles)).toEqual(new Set());
  });
});
