"""Which characters the prepared fonts keep: GB 2312, the rest of 通用规范汉字表, symbols of GBK, Latin, rare names."""

from pathlib import Path

# The 1,467 of the 8,105 characters of the Table of General Standard Chinese Characters (2013; Unihan property kTGH)
# that GB 2312 lacks: its third level was made for names of people and places.
STANDARD = "".join((Path(__file__).resolve().parent / "tgscc.txt").read_text(encoding="utf-8").split())

# Characters outside GB 2312 met in names of people and places: common in registers, absent from small fonts.
RARE = (
    "丼伋伭佖佺侁俍俫俶倓倞倢倧偀偁偡偲傃傒傕刓勍叇咺啰喆喬嚞囍囧圐圙垚垟垵埇埗堃堌堎堯堽塱塸墘奣奭妘妧妸姃姞"
    "姮姳姵姸婍婞婳媖嫄嫕嫚嫤嫮嬅嬛孖孞宬寀寔寳屃峂峣峯崀崟嵎嵖嶓巂帀弇弢彣彧忞恆悰惇惔愔愷慜慥扆揳攽敔旸旻旼"
    "昇昉昪昫昺晅晙晞晢晧晳暅暋暐暠曈曌朓杕柷栐栒栻棨棻槃橦櫆氾沄沚沨泂洨洸洺浉浐浛浥涴淏淯湉湑湜湲湳溁溇溍溦"
    "滃滪漷潓潵潾澂澔澛澥澴瀍炘烑烜烝烺焜煃煐熤燊燏燚燨爔牂犇玕玘玙玚玠玡玥玦玬玭玶玹珅珝珣珦珪珮珺珽琀琁琇琎"
    "琤琯琲瑀瑄瑝瑢瑨瑱璆璕璘璟璠璪璬璿瓅瓛甦甪畯瞐硚碁碶祎祐祾禔禛禤秐稑穀竑簃簠粦絜縠纮纴羣羴翀翙翚翾芃苪茀"
    "莀菂萩蒨蓂虓螣袆袗訚訢詝諲譞谞貤赑赟赪郪鄚鄠酂釒鈺鋆錡钘锜锳镕镠闿阇雱霙靐韡頔頫顗颋颙飏飖餗骃骉骍骎骕骙"
    "鱻鹍鹓鹔鹮黇齮龑龘龢"
)


def _rows(first: int, last: int, codec: str) -> set[str]:
    """All characters of the double-byte rows *first*…*last* that *codec* knows."""
    found = set()
    for high in range(first, last + 1):
        for low in range(0xA1, 0xFF):
            try:
                found.add(bytes((high, low)).decode(codec))
            except UnicodeDecodeError:
                continue
    return found


def characters() -> set[str]:
    """The wanted characters. GB 2312-1980 rows 1–9 are symbols and rows 16–87 the 6763 hanzi; GBK rows A1–A9
    add 〇 and further symbols."""
    latin = {chr(code) for first, last in ((0x20, 0x7E), (0xA0, 0xFF)) for code in range(first, last + 1)}
    punctuation = {chr(code) for code in range(0x2010, 0x2028)} | set("′″‰№™℃€〇〔〕·—…①②③④⑤⑥⑦⑧⑨⑩◆★")
    return _rows(0xA1, 0xF7, "gb2312") | _rows(0xA1, 0xA9, "gbk") | latin | punctuation | set(RARE) | set(STANDARD)
