"""CPU time of one certificate: the first in a process, then the smallest of five."""

import sys
import time
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from approvals.certificates.render import CertificateText, paragraph, render


def main():
    text = CertificateText(
        title="证书", programme="国家知识产权服务业集聚发展试验区", serial="证书编号：JJQ〔2018〕第00001号", holder="徐汇区人民政府",
        paragraphs=(paragraph("经申报、评审、公示和批复，同意设立国家知识产权服务业集聚发展试验区。特发此证。"),),
        issuer="国家知识产权试点工作演示办公室（示例）", issued_on=date(2018, 3, 6), verify_url="http://127.0.0.1:8000/v/7K6DF4JR3E/",
        check_code="7K6DF4JR3E",
    )  # fmt: skip
    for label, times in (("first", 1), ("best of 5", 5)):
        spent = []
        for _n in range(times):
            began = time.process_time()
            pdf = render(text)
            spent.append(time.process_time() - began)
        print(f"{label:<10} {1000 * min(spent):>8.0f} ms CPU   {len(pdf) // 1024} kB")


if __name__ == "__main__":
    main()
