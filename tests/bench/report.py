"""The table that a person reads."""


def print_table(figures):
    ceilings = figures.get("ceilings", {})
    print("\nceilings of this run: " + ", ".join(f"{name} {value:.0f}/s" for name, value in ceilings.items()))
    start = figures.get("start", {})
    print(f"resident when idle {start.get('rss_idle_kib', 0) / 1024:.1f} MiB; "
          f"{start.get('bytes_per_sign_in', 0):.0f} bytes stored for a sign-in")
    print(f"\n{'workload':28} {'rate /s':>9} {'CPU us':>8} {'p50 ms':>8} {'p99 ms':>8} {'writes/op':>9} "
          f"{'in a group':>10} {'allocations':>11} {'RSS MiB':>8}")
    for name, row in figures.items():
        if "rate" not in row:
            continue
        writes = row["store"].get("operations", 0) / row["operations_of_all_rounds"] if "store" in row else None
        group = row.get("store", {}).get("operations", 0) / max(1, row.get("store", {}).get("commits", 0))
        p50, p99 = (format(row[name], ".2f") if name in row else "" for name in ("p50_ms", "p99_ms"))
        print(f"{name:28} {row['rate']:9.0f} {row['server_cpu_us']:8.1f} {p50:>8} {p99:>8} "
              f"{'' if writes is None else format(writes, '.2f'):>9} "
              f"{format(group, '.1f') if group else '':>10} {row.get('allocations', 0):11.0f} "
              f"{row.get('rss_kib', 0) / 1024:8.1f}")
    print()
