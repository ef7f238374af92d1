"""The words that the Penn Treebank's tokens know by name: each list is one text, its words apart by spaces."""

# Titles, ranks and the like keep the full stop behind them: "mr." is one token wherever it stands.
TITLES = """
    adj adm adv alex assoc asst atty attys ave brig capt cf cie cmdr col comdr cpl dept det dr drs elec
    ens ft gen gov govs hon insp invt jos lieut lt maj messrs mlle mme mr mrs ms msgr mt natl pfc ph pres
    prof profs pvt rep reps rev sen sens sfc sgt spc st ste supt supts treas vs wm
"""

# So do these, which can also end a sentence: companies, months, days, states.
ENDINGS = """
    al ala apr ariz assn aug bhd bldg blvd bros calif co colo conn corp cos ct dak dec ed.d esq est etc
    ext feb fla fri ga inc ind intl jan jr jul jun kan kans ky ltd mar md mich minn mo mon mont neb nev
    nov oct okla penn ph.d plc rd rt sep sept seq sq sr sys tel tenn thu thurs tue tues univ va vt wed wis
    wisc wyo
"""

# As words, these are common, so they are abbreviations only with a capital: "Miss." but not "miss."
CAPITALIZED = "az la pa ark del ill ore tex mass miss wash"

# These are known in small letters, or with a capital first letter.
SMALL = "mfg mtg pte pty ppte ppty ptes ptys pptes pptys"

# Before a number only: "no. 5", "pp. 3", "fig. 1".
BEFORE_NUMBERS = "ca no op pp art fig nos figs prop"

# After one letter and a full stop ("vitamin C. The ...") these tell that the full stop ended a sentence.
OPENERS = """
    a about according additionally after an as at but earlier he her here however if in it last many more
    mr. ms. now once one other our she since so some such that the their then there these they this we
    what when while yet you
"""

# Two words written as one.
HALVES = (("can", "not"), ("gon", "na"), ("got", "ta"), ("lem", "me"), ("gim", "me"), ("wan", "na"))

# Words whose apostrophe belongs to them; most others come apart at it.
CLIPPED = """
    'em 'cause 'til 'till 'n 'n' ol' dunkin' somethin' c'est cap'n ev'ry nat'l li'l s'mores nor'easter c'mon o'o
"""

# What a file's name ends in: "photo.jpg" is one token.
FILE_ENDINGS = """
    bat bmp c class cgi cpp dll doc docx exe gif gz h htm html jar java jpeg jpg mov mp3 pdf php pl png
    ppt ps py sql tar txt wav x xml zip
"""
