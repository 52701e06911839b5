"""What the fictional municipalities' figures are drawn from: levels, spreads and the story.

The levels are rough ones of Swedish municipalities, so that the example looks like the real
thing; no value comes from Kolada. Units are those of the figures.
"""

from dataclasses import dataclass

from genomlysning.profil import Profilnyckeltal


@dataclass(frozen=True, slots=True)
class Niva:
    """How one figure is spread over the municipalities.

    `medel` is the level of the newest year and `spridning` the standard deviation. A year back
    is lower by `tillvaxt` (a share) and `trend` (units). `hogst` None is 100 for per cent and
    index and no limit for the rest. `egen` is how far Exempelkommun lies
    from the mean of its similar ones in the newest year, None to draw it.

    `per_tusen` makes the level one per 1,000 inhabitants. `enkat` names the survey that
    decides who has a value; `i_gruppen` replaces the survey's own. Nobody has a
    value in the years `utan`, Exempelkommun none in `egen_utan`. A figure that changes in some
    years only has them in `andras`.
    """

    medel: float
    spridning: float
    tillvaxt: float = 0.0
    trend: float = 0.0
    egen: float | None = None
    lagst: float = 0.0
    hogst: float | None = None
    per_tusen: bool = False
    enkat: str = ""
    i_gruppen: int | None = None
    utan: tuple[int, ...] = ()
    egen_utan: tuple[int, ...] = ()
    andras: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Kostnadsniva:
    """How one verksamhet costs: reference cost in kr per inhabitant and deviations in per cent.

    `egna` are the deviations of Exempelkommun, oldest year first, and `kvalitet` how far its
    quality index lies from the mean of its similar ones. `utanfor` is the share of the net
    cost that the published deviation leaves out. `brukare` is the number of pupils per 1,000
    inhabitants, and `brukarfel` the share by which the pupils are counted differently in the
    net cost. `med_index` is the share of municipalities that have the indices.
    """

    referens: float
    tillvaxt: float
    avvikelser: float
    egna: tuple[float, float, float, float, float, float, float]
    kvalitet: float = 0.0
    utanfor: float = 0.0
    brukare: float = 100.0
    brukarfel: float = 0.0
    med_index: float = 1.0


@dataclass(frozen=True, slots=True)
class Enkat:
    """A survey that not all take part in: which share does, and if only every other year.

    `i_gruppen` is how many of the similar ones do, None to leave it to chance.
    """

    andel: float
    vartannat: bool = False
    i_gruppen: int | None = None


ENKATER = {
    "elever": Enkat(1.0, vartannat=True),
    "medborgare": Enkat(0.62, i_gruppen=5),
    "medarbetare": Enkat(0.85),
    "foretag": Enkat(0.7),
    "brukare": Enkat(0.75, i_gruppen=5),
    "vantetid": Enkat(0.8, i_gruppen=6),
}

#: By the ids of verksamheter.toml. The total is summed, not drawn.
KOSTNADER = {
    "forskola": Kostnadsniva(8500, 0.035, 5.5, (6.1, 5.6, 5.9, 4.7, 4.1, 3.2, 2.4), kvalitet=7.2),
    "fritidshem": Kostnadsniva(1400, 0.03, 9.0, (3.4, 2.1, 2.8, 0.6, -1.7, -4.3, -5.2)),
    "grundskola": Kostnadsniva(
        15000, 0.04, 4.0, (1.8, 1.1, 0.4, -0.9, -1.6, -2.4, -3.1), kvalitet=6.4, brukare=112
    ),
    "gymnasieskola": Kostnadsniva(
        5500,
        0.035,
        6.5,
        (-2.2, -1.4, 0.7, 2.3, 3.0, 4.4, 3.8),
        kvalitet=-4.6,
        brukare=38,
        brukarfel=0.012,
        med_index=0.85,
    ),
    "vuxenutbildning": Kostnadsniva(800, 0.05, 22.0, (4.0, 7.0, 2.0, -6.0, -9.0, -4.0, -7.0)),
    "aldreomsorg": Kostnadsniva(
        15000, 0.045, 6.0, (-1.5, -0.6, 1.2, 0.3, 1.9, 2.7, 1.6), kvalitet=3.9
    ),
    "lss": Kostnadsniva(
        7500, 0.05, 7.5, (-3.0, -4.2, -2.6, -1.1, -2.0, -3.4, -4.4), kvalitet=-3.1, utanfor=0.009
    ),
    "ifo": Kostnadsniva(5000, 0.04, 14.0, (9.5, 12.2, 8.1, 4.6, 6.7, 3.5, 5.3)),
}
RESERVKOSTNAD = Kostnadsniva(3000, 0.04, 8.0, (2.0, 1.0, 0.0, -1.0, 0.5, 1.0, 2.0))

INVANARE_EGNA = 38_400

NIVAER = {
    # Barn- och ungdomsnämnden
    "N11037": Niva(172_000, 13_000, 0.038, egen=6_500),
    "N13008": Niva(52_000, 6_500, 0.03, egen=-3_600),
    "N15060": Niva(134_000, 10_500, 0.04, egen=900),
    "N11010": Niva(5.2, 0.35, trend=-0.04, egen=-0.3),
    "N11810": Niva(41, 8, trend=-0.4, egen=5.2),
    "N11205": Niva(6.5, 1.8, trend=0.1, egen=1.9),
    "N13805": Niva(20.0, 3.2, egen=1.9),
    "N13037": Niva(33, 9, trend=0.5, egen_utan=(2025,)),
    "N15034": Niva(12.2, 0.9, trend=0.05, egen=0.1),
    "N15814": Niva(73, 6, trend=0.3, egen=3.4),
    "N15205": Niva(3.9, 1.1, egen=0.3),
    "N11104": Niva(9.6, 1.2, per_tusen=True),
    "N15024": Niva(13.5, 1.5, per_tusen=True),
    "N11800": Niva(88, 3.5, trend=0.6, egen=0.4, hogst=104),
    "N11703": Niva(14.4, 1.1, trend=-0.1, egen=-0.8),
    "N15452": Niva(72, 7, trend=-0.6, egen=4.1, utan=(2020, 2021)),
    "N15454": Niva(64, 8, trend=-0.7, egen=-2.9, utan=(2020, 2021)),
    "N15419": Niva(74, 5.5, trend=-0.3, egen=3.6),
    "N15436": Niva(86, 4, trend=0.1, egen=0.6),
    "N15505": Niva(224, 8, trend=0.2, egen=6.8),
    "N15613": Niva(83, 4.5, trend=-0.5, egen=-3.2, enkat="elever", i_gruppen=5),
    "N15643": Niva(76, 5, trend=-0.6, egen=-1.4, enkat="elever", i_gruppen=3),
    "N15540": Niva(77, 6, trend=-0.4, egen=2.5),
    # Kommunstyrelsen och den generella profilen
    "N00096": Niva(72_000, 5_500, 0.042, egen=-600),
    "N03100": Niva(99.2, 1.6, trend=0.2, egen=-1.4, hogst=120),
    "N03102": Niva(1.4, 1.9, trend=-0.4, egen=1.3, lagst=-15, hogst=20),
    "N03103": Niva(84, 32, trend=-3, egen=11, lagst=-40, hogst=260),
    "N03002": Niva(28, 16, trend=1.2, egen=-4.5, lagst=-40, hogst=85),
    "N03040": Niva(58_000, 19_000, 0.05, egen=7_200, lagst=12_000),
    "N03104": Niva(11.5, 4.5, egen=2.0, lagst=1),
    "N00901": Niva(21.9, 0.7, egen=-0.2, lagst=16.5, hogst=24.5, andras=(2022,)),
    "N05002": Niva(870, 210, 0.03, egen=-45, lagst=380),
    "N40009": Niva(310, 140, 0.03, egen=30, lagst=20),
    "N00090": Niva(7.2, 0.7, trend=-0.1, egen=-0.4, lagst=4),
    "N00091": Niva(43, 4.5, trend=0.3, egen=3.1),
    "N00216": Niva(11.0, 1.8, trend=0.2, egen=-1.3, lagst=5),
    "N00215": Niva(13.5, 2.2, egen=-0.8, lagst=5),
    "N00206": Niva(81, 6, trend=1.1, egen=2.4),
    "N00205": Niva(7.9, 1.5, trend=-0.2, egen=0.5, lagst=3),
    "N00953": Niva(97.2, 2.1, trend=0.3, egen=0.6, hogst=108),
    "N00214": Niva(26, 2.2, trend=-0.1, egen=-0.7),
    "U00207": Niva(79, 1.5, egen=0.7, enkat="medarbetare"),
    "N00098": Niva(74, 7, per_tusen=True),
    "N00668": Niva(70, 8, trend=-0.4, egen=3.2, enkat="medborgare"),
    "N00667": Niva(90, 4, egen=1.6, enkat="medborgare"),
    "N00670": Niva(63, 9, trend=-0.3, egen=0.5, enkat="medborgare"),
    "N00640": Niva(79, 4, egen=-2.2, enkat="medborgare"),
    "N00647": Niva(61, 5, egen=-0.4, enkat="medborgare"),
    "N00669": Niva(28, 5, egen=-1.9, enkat="medborgare"),
    "N00610": Niva(73, 8, egen=4.4, enkat="medborgare"),
    "U07453": Niva(73, 4, trend=0.4, egen=1.9, enkat="foretag"),
    "N05401": Niva(83, 2.6, egen=0.8, andras=(2022,)),
    # Kultur- och utbildningsnämnden: gymnasieskolan kostar mer och når mindre än hos liknande,
    # vuxenutbildningen tvärtom
    "N17007": Niva(152_000, 17_000, 0.035, egen=7_400),
    "U17031": Niva(149_000, 14_000, 0.035, egen=6_100),
    "N18001": Niva(61_000, 9_000, 0.035, egen=-4_300),
    "N09022": Niva(1_180, 260, 0.03, egen=-70, lagst=500),
    "N09026": Niva(460, 90, 0.03, egen=-25, lagst=200),
    "N09023": Niva(300, 80, 0.03, egen=18, lagst=60),
    "N17817": Niva(12.1, 1.4, trend=0.1, egen=-0.7, lagst=6),
    "N17826": Niva(81, 6, trend=0.2, egen=-1.8),
    "N17205": Niva(3.4, 1.2, egen=0.2, lagst=0.3),
    "N17206": Niva(84, 5, trend=0.4, egen=2.1),
    "N17214": Niva(35, 4, egen=1.1),
    "N18928": Niva(81, 10, trend=0.4, egen=4.6),
    "N18929": Niva(78, 10, trend=0.4, egen=3.2),
    "N18704": Niva(68, 12, trend=0.8, egen=0.5),
    "N09035": Niva(5.2, 1.4, egen=-0.4, lagst=2),
    "N09205": Niva(8.5, 3.0, egen=0.6, lagst=1),
    "N17021": Niva(6.6, 1.3, per_tusen=True),
    "N09034": Niva(2.7, 0.5, per_tusen=True),
    "N17445": Niva(68, 6, trend=0.4, egen=-2.6),
    "N17467": Niva(74, 7, trend=0.3, egen=-3.4),
    "N17673": Niva(88, 4, egen=0.3, enkat="elever", i_gruppen=4),
    "N18601": Niva(74, 5, trend=0.5, egen=-0.4),
    "N18409": Niva(48, 9, trend=0.6, egen=4.9),
    "N18946": Niva(63, 9, trend=0.5, egen=3.8),
    "N18944": Niva(60, 10, trend=0.4, egen=-2.4),
    "N18945": Niva(70, 7, trend=0.3, egen=2.7),
    "N09807": Niva(5.4, 1.6, trend=0.1, egen=0.6, lagst=1.5),
    "N09888": Niva(13, 4, trend=0.2, egen=1.9, lagst=3),
    # Socialnämnden: dyrare barn- och ungdomsvård, men färre med bistånd
    "N33016": Niva(2_150, 480, 0.045, egen=240, lagst=700),
    "N35019": Niva(760, 210, 0.035, egen=85, lagst=200),
    "N31008": Niva(960, 330, 0.025, egen=-120, lagst=200),
    "U31003": Niva(980, 230, 0.025, egen=-60, lagst=250),
    "N28013": Niva(1_190_000, 130_000, 0.045, egen=-38_000),
    "N28015": Niva(268_000, 42_000, 0.04, egen=-15_000),
    "N40011": Niva(510, 210, 0.03, egen=45, lagst=40),
    "N30205": Niva(3.1, 1.3, egen=0.4, lagst=0.2),
    "N30201": Niva(8.0, 2.2, trend=-0.2, egen=-0.2, lagst=2),
    "N30206": Niva(92, 3.2, trend=0.3, egen=1.4),
    "N30214": Niva(24, 3.5, egen=-0.9),
    "U33816": Niva(77, 11, trend=0.4, egen=-6.2),
    "U31404": Niva(70, 17, trend=0.5, egen=5.3),
    "U35548": Niva(76, 18, trend=0.4, egen=0.6),
    "N28140": Niva(73, 10, trend=0.2, egen=-4.1),
    "N28150": Niva(66, 12, trend=0.2, egen=-1.9),
    "U30200": Niva(79, 2.2, egen=-0.6, enkat="medarbetare"),
    "N30012": Niva(4.1, 0.7, per_tusen=True),
    "U30453": Niva(72, 6, egen=2.6, enkat="brukare"),
    "U30447": Niva(79, 6, egen=-2.3, enkat="brukare"),
    "U33401": Niva(112, 20, trend=1.0, egen=9, lagst=40, enkat="vantetid"),
    "N31807": Niva(2.9, 1.1, trend=-0.15, egen=-0.6, lagst=0.4),
    "N31814": Niva(34, 7, trend=-0.3, egen=-2.8),
    "U31809": Niva(2.3, 1.1, trend=-0.1, egen=-0.4, lagst=0.1),
    "U31402": Niva(15, 5, egen=-3, lagst=2, enkat="vantetid"),
    "U40455": Niva(42, 9, egen=2.2, enkat="vantetid"),
    "U28663": Niva(78, 6, egen=-3.7, enkat="brukare"),
    "U28567": Niva(73, 7, egen=-2.9, enkat="brukare"),
    "U31401": Niva(52, 17, trend=0.5, egen=6.8),
    # Vård- och omsorgsnämnden: nöjda brukare, men många timavlönade
    "N20007": Niva(68_000, 7_500, 0.035, egen=900),
    "N20048": Niva(245_000, 22_000, 0.03, egen=4_800),
    "N21006": Niva(352_000, 58_000, 0.04, egen=-17_000),
    "N23009": Niva(1_150_000, 110_000, 0.045, egen=46_000),
    "N21017": Niva(4_900, 900, 0.04, egen=-260, lagst=2_000),
    "N23004": Niva(8_300, 1_500, 0.045, egen=480, lagst=3_500),
    "N20205": Niva(13.8, 2.6, trend=-0.3, egen=2.3, lagst=5),
    "N20206": Niva(74, 10, trend=1.8, egen=3.1),
    "N20209": Niva(57, 7, trend=1.2, egen=0.4),
    "N20214": Niva(25, 2.5, egen=0.8),
    "N23588": Niva(68, 10, egen=3.3),
    "N23589": Niva(60, 11, egen=1.6),
    "N21608": Niva(53, 12, egen=-2.2),
    "N23592": Niva(38, 10, egen=-0.4, lagst=10),
    "N20041": Niva(36, 5, per_tusen=True),
    "U21468": Niva(87, 4, egen=2.4),
    "U23471": Niva(79, 5.5, trend=0.2, egen=3.6),
    "U21505": Niva(86, 4, egen=1.7),
    "U23521": Niva(87, 4, egen=0.4),
    "U23470": Niva(64, 7, trend=0.4, egen=2.9),
    "U23420": Niva(29, 5, trend=-0.2, egen=-1.8),
    "N20434": Niva(5_400, 620, egen=190, lagst=3_000),
    "N20506": Niva(19.5, 1.6, egen=1.3, lagst=10),
    # Samhällsbyggnadsnämnden: snabba bygglov, långsam planering
    "N07038": Niva(720, 320, 0.03, egen=60, lagst=50),
    "N07024": Niva(1_120, 310, 0.035, egen=-65, lagst=350),
    "N07025": Niva(430, 170, 0.03, egen=35, lagst=60),
    "N07041": Niva(1_080, 240, 0.04, egen=-48, lagst=500),
    "N45014": Niva(12, 60, egen=-9, lagst=-250),
    "N45015": Niva(4, 40, egen=6, lagst=-200),
    "U07425": Niva(720, 170, 0.03, egen=-40, lagst=250, enkat="vantetid"),
    "U07501": Niva(41, 13, 0.03, egen=2.6, lagst=8, enkat="vantetid"),
    "U07493": Niva(3_100, 520, 0.045, egen=-140, lagst=1_500),
    "N45924": Niva(112, 23, 0.05, egen=4.3, lagst=50),
    "U07200": Niva(79, 2.3, egen=1.3, enkat="medarbetare"),
    "N00116": Niva(3.3, 0.8, per_tusen=True),
    "N07033": Niva(0.6, 0.2, per_tusen=True),
    "N07034": Niva(0.9, 0.3, per_tusen=True),
    "N07035": Niva(0.7, 0.25, per_tusen=True),
    "U07447": Niva(67, 7, trend=0.5, egen=3.9, enkat="foretag"),
    "U00811": Niva(24, 9, trend=-0.5, egen=-5, lagst=4, enkat="vantetid"),
    "N07926": Niva(27, 9, egen=6, lagst=8),
    "N07923": Niva(32, 20, egen=-6, lagst=1),
    "U07505": Niva(66, 5, egen=0.7, enkat="medborgare"),
    "N00601": Niva(58, 8, egen=-3.1, enkat="medborgare"),
    "N00570": Niva(67, 9, egen=2.8, enkat="medborgare"),
    "N00632": Niva(83, 6, egen=1.5, enkat="medborgare"),
    "U07414": Niva(39, 8, trend=1.0, egen=2.1),
    "U07442": Niva(13.2, 2.2, egen=-0.9, lagst=6),
    "N07916": Niva(3.4, 2.2, trend=-0.3, egen=-0.6, lagst=0),
    # Miljöskyddsnämnden
    "N07006": Niva(225, 50, 0.035, egen=-9, lagst=90),
    "N07017": Niva(98, 24, 0.035, egen=8, lagst=20),
    "N07027": Niva(120, 60, 0.03, egen=14, lagst=5),
    "N07028": Niva(11, 5, 0.02, egen=-1, lagst=0),
    "U07449": Niva(71, 6, trend=0.4, egen=2.4, enkat="foretag"),
    "U07455": Niva(76, 5, trend=0.3, egen=-1.9, enkat="foretag"),
    "U07450": Niva(74, 7, trend=0.3, egen=0.6, enkat="foretag", i_gruppen=3),
    "N00636": Niva(52, 7, egen=3.3, enkat="medborgare"),
    "N00638": Niva(71, 7, egen=0.5, enkat="medborgare"),
    "N00401": Niva(4.6, 2.1, trend=-0.15, egen=-0.35, lagst=1.0),
    "U00502": Niva(48, 14, trend=2.5, egen=7.2),
    "N85084": Niva(2.0, 0.9, egen=0.4, lagst=0.3),
    "N01456": Niva(4.6, 1.5, egen=-0.2, lagst=0.5),
}

#: Figures that follow from others: a constant and the weight of each, in the order to compute.
#: Costs are net of income, and the indices of ekonomiskt bistånd follow from one another.
HARLEDDA: dict[str, tuple[float, dict[str, float]]] = {
    "N07026": (0, {"N07006": 1, "N07017": -1}),
    "N07040": (0, {"N07026": 1, "N07027": 1, "N07028": 1}),
    "U31002": (118, {"U31003": -0.07}),
    "U31904": (0, {"U31401": 0.5, "U31002": 0.5}),
}


def choose_niva(post: Profilnyckeltal) -> Niva:
    """Return the level of a profile's figure; one by its unit if it has none of its own."""
    if post.id in NIVAER:
        return NIVAER[post.id]
    match post.enhet:
        case "%":
            return Niva(64, 9)
        case "index":
            return Niva(58, 11)
        case "kr/inv":
            return Niva(1_200, 190, 0.035, lagst=100)
        case "poäng":
            return Niva(14, 0.8)
        case "Mkr":
            return Niva(0.4, 0.1, 0.04, per_tusen=True)
        case enhet if enhet.startswith("kr/"):
            return Niva(120_000, 13_000, 0.035, lagst=1_000)
        case _ if not post.jamforbar:
            return Niva(4, 0.7, per_tusen=True)
        case _:
            return Niva(32, 5)
