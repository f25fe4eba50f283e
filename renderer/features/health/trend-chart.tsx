import { useMantineColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { HealthResult } from '#shared/contract/health.ts';
import { localTime, measured } from '../../components/format.ts';

const heightPx = 132;

function token(element: HTMLElement, name: string): string {
  // A computed colour, so that light-dark() is already decided.
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  element.append(probe);
  const color = getComputedStyle(probe).color;
  probe.remove();
  return color;
}

/** The values over time with their limits. Hidden from readers: the table beside it says the same. */
export function TrendChart({ result }: { result: HealthResult }) {
  const box = useRef<HTMLDivElement>(null);
  const { colorScheme } = useMantineColorScheme();
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const times = result.trend.map((point) => Date.parse(point.at) / 1000);
    const values = result.trend.map((point) => point.value);
    const line = (limit: number) => times.map(() => limit);
    const grid = { stroke: token(element, '--line-1'), width: 1 };
    const axis = { stroke: token(element, '--text-3'), grid, ticks: grid, font: '11px Inter, system-ui' };
    const limits = [result.warn === null ? null : { value: result.warn, stroke: token(element, '--warn-mark') }, result.critical === null ? null : { value: result.critical, stroke: token(element, '--critical-mark') }].filter((limit) => limit !== null);
    const chart = new uPlot(
      {
        width: element.clientWidth || 320,
        height: heightPx,
        legend: { show: false },
        cursor: { show: false },
        axes: [{ ...axis, space: 90, values: (_chart, ticks) => ticks.map((tick) => localTime(new Date(tick * 1000).toISOString())) }, { ...axis, size: 64, values: (_chart, ticks) => ticks.map((tick) => measured(tick, result.unit)) }],
        series: [{}, { stroke: token(element, '--running-mark'), width: 1.5, spanGaps: false, points: { show: result.trend.length < 30, size: 4 } }, ...limits.map((limit) => ({ stroke: limit.stroke, width: 1, dash: [3, 4], points: { show: false } }))],
      },
      [times, values, ...limits.map((limit) => line(limit.value))],
      element,
    );
    const observer = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: heightPx }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
    };
  }, [result, colorScheme]);
  return <div ref={box} className="chart" aria-hidden />;
}
