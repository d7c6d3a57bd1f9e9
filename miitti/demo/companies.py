"""The demo's six companies: who they are and what they offer. All of them are made up."""

from __future__ import annotations

from miitti.demo.words import Company, Job, Words

NOW = Words("heti", "genast", "right away")
MAY = Words("toukokuusta", "från maj", "from May")
AUGUST = Words("elokuusta", "från augusti", "from August")
AGREED = Words("sovitaan", "enligt överenskommelse", "to be agreed")

COMPANIES: tuple[Company, ...] = (
    Company(
        slug="konepaja-harju",
        name="Konepaja Harju",
        municipality="Hartola",
        person="Pekka Harju",
        email="rekry@konepajaharju.example",
        sentence=Words(
            "Hitsaat koneita, joilla tehdään metsää. Opetamme, jos käsi on vakaa.",
            "Du svetsar maskiner som sköter skogen. Vi lär upp dig, om handen är stadig.",
            "You weld the machines that work the forest. We teach you, if your hand is steady.",
        ),
        text=Words(
            "Meitä on kaksitoista, nuorin yhdeksäntoista ja vanhin kuusikymmentäkolme. Teemme harvesterien "
            "runkoja, puomeja ja kauhoja, yksi kappale kerrallaan alusta loppuun.\n\n"
            "Kahvi on aina kuumaa, ja perjantaina pääsee kotiin kahdelta. Hitsausluokat suoritat meillä työajalla, "
            "ja maksamme ne.\n\n"
            "Joutsasta pääsee aamuisin kimppakyydillä.",
            "Vi är tolv, den yngsta nitton år och den äldsta sextiotre. Vi gör ramar, bommar och skopor till "
            "skördare, en sak i taget från början till slut.\n\n"
            "Kaffet är alltid varmt, och på fredagar går vi hem klockan två. Svetsproven gör du hos oss på "
            "arbetstid, och vi betalar dem.\n\n"
            "Från Joutsa ordnas samåkning på morgnarna.",
            "There are twelve of us, the youngest nineteen and the eldest sixty-three. We make frames, booms and "
            "buckets for harvesters, one piece at a time from start to finish.\n\n"
            "The coffee is always hot, and on Fridays we go home at two. You take your welding tests with us, in "
            "working hours, and we pay for them.\n\n"
            "There is a shared ride from Joutsa in the mornings.",
        ),
        shift=Words("Päivävuoro 7–15.30", "Dagskift 7–15.30", "Day shift 7–15:30"),
        start=Words("toukokuusta tai heti", "från maj eller genast", "from May or right away"),
        talk=Words("työpäivä hitsaamossa", "en arbetsdag i svetshallen", "a day in the welding shop"),
        jobs=(
            Job(
                Words("Hitsaaja", "Svetsare", "Welder"),
                Words(
                    "MAG-hitsausta runkoihin ja puomeihin, piirustuksista lukien. Kokemus on hyvä, mutta tärkeintä on "
                    "vakaa käsi ja halu oppia. Ensimmäiset viikot teet Jukan kanssa.",
                    "MAG-svetsning av ramar och bommar efter ritning. Erfarenhet är bra, men viktigast är en stadig "
                    "hand och lust att lära. De första veckorna jobbar du tillsammans med Jukka.",
                    "MAG welding of frames and booms from drawings. Experience is good, but a steady hand and a wish "
                    "to learn matter most. You spend the first weeks with Jukka.",
                ),
                2,
                ("15.80", "19.50"),
                MAY,
            ),
            Job(
                Words("Kokoonpanija, opetamme", "Montör, vi lär upp", "Assembler, we teach"),
                Words(
                    "Kokoat hydrauliikkaa ja rungon osia valmiiksi koneiksi. Aiempaa kokemusta ei tarvita, ajokortti "
                    "on eduksi.",
                    "Du sätter ihop hydraulik och ramdelar till färdiga maskiner. Ingen tidigare erfarenhet behövs, "
                    "körkort är en fördel.",
                    "You put hydraulics and frames together into finished machines. No experience needed; a driving "
                    "licence helps.",
                ),
                1,
                ("14.60", "16.20"),
                NOW,
            ),
        ),
    ),
    Company(
        slug="sysman-puusaha",
        name="Sysmän Puusaha",
        municipality="Sysmä",
        person="Anneli Puustinen",
        email="tyopaikat@sysmanpuusaha.example",
        sentence=Words(
            "Tukista laudaksi kahdessa vuorossa, kesällä kuudelta kotiin.",
            "Från stock till bräda i två skift, på sommaren hem klockan sex.",
            "From log to board in two shifts, and home by six in the summer.",
        ),
        text=Words(
            "Sahaamme päijäthämäläistä kuusta ja mäntyä, 40 000 kuutiota vuodessa. Tukki tulee enimmillään "
            "viidenkymmenen kilometrin päästä, ja lauta lähtee usein saman kylän rakennuksille.\n\n"
            "Linjalla on neljä ihmistä vuorossa. Jokainen oppii vuoden aikana kaikki paikat, niin työ ei puuduta. "
            "Lounas syödään yhdessä rannassa aina kun sää antaa myöten.",
            "Vi sågar gran och tall från trakten, 40 000 kubikmeter om året. Stocken kommer från högst femtio "
            "kilometers håll, och brädan går ofta till byggen i samma by.\n\n"
            "Fyra personer per skift sköter linjen. Under året lär sig alla varje plats, så arbetet inte blir "
            "enformigt. Lunchen äter vi tillsammans vid stranden när vädret tillåter.",
            "We saw spruce and pine from around here, 40,000 cubic metres a year. The logs come from fifty "
            "kilometres away at most, and the boards often go to building sites in the same village.\n\n"
            "Four people run the line in each shift. Within a year everybody learns every post, so the work stays "
            "varied. We have lunch together on the shore whenever the weather lets us.",
        ),
        shift=Words("Kaksi vuoroa, 6–14 ja 14–22", "Två skift, 6–14 och 14–22", "Two shifts, 6–14 and 14–22"),
        start=MAY,
        talk=Words("kesä sahalla", "en sommar på sågen", "a summer at the sawmill"),
        jobs=(
            Job(
                Words("Sahuri", "Sågare", "Sawyer"),
                Words(
                    "Ajat sahalinjaa ja huollat sitä parisi kanssa. Kone- tai puualan tutkinto auttaa, mutta opetamme "
                    "myös maatilalta tulevan.",
                    "Du kör såglinjen och underhåller den med din kollega. Utbildning inom maskin eller trä hjälper, "
                    "men vi lär också upp den som kommer från en gård.",
                    "You run the saw line and look after it with a workmate. Schooling in machines or wood helps, but "
                    "we also teach people who come from a farm.",
                ),
                1,
                ("15.40", "16.90"),
                MAY,
            ),
            Job(
                Words("Lajittelija, kesätyö", "Sorterare, sommarjobb", "Sorter, summer job"),
                Words(
                    "Katsot laudat läpi ja ohjaat ne oikeaan nippuun. Sopii ensimmäiseksi työpaikaksi, 18 vuotta "
                    "täyttäneelle.",
                    "Du granskar brädorna och styr dem till rätt bunt. Passar som första jobb för den som fyllt 18.",
                    "You look the boards over and send them to the right bundle. Good as a first job, from the age "
                    "of 18.",
                ),
                1,
                ("14.20", "15.60"),
                MAY,
            ),
        ),
    ),
    Company(
        slug="joutsan-levytyo",
        name="Joutsan Levytyö",
        municipality="Joutsa",
        person="Satu Lehtola",
        email="rekry@joutsanlevytyo.example",
        sentence=Words(
            "Särmäät ja ohjelmoit. Uusi halli, vanha porukka.",
            "Du bockar plåt och programmerar. Ny hall, gammalt gäng.",
            "You bend sheet metal and program the machines. A new hall, an old crew.",
        ),
        text=Words(
            "Muutimme keväällä uuteen halliin. Siellä on valoisaa, lämmintä ja niin hiljaista, että juttelu "
            "onnistuu huutamatta.\n\n"
            "Teemme ohutlevystä koteloita, kaappeja ja ilmanvaihdon osia. Sarjat ovat lyhyitä, joten päivässä "
            "ehtii tehdä montaa eri työtä. Ohjelmoimaan opetamme jokaisen, joka haluaa.\n\n"
            "Tauolla pelataan pingistä. Tulokset ovat seinällä vuodesta 2009.",
            "I våras flyttade vi till en ny hall. Där är ljust, varmt och så tyst att man kan prata utan att "
            "ropa.\n\n"
            "Av tunnplåt gör vi kapslingar, skåp och delar till ventilation. Serierna är korta, så en dag rymmer "
            "många olika jobb. Vi lär alla som vill att programmera.\n\n"
            "På rasten spelar vi pingis. Resultaten hänger på väggen sedan 2009.",
            "We moved to a new hall in the spring. It is light, warm, and quiet enough to talk without shouting.\n\n"
            "From thin sheet we make housings, cabinets and parts for ventilation. The series are short, so a day "
            "holds many kinds of work. We teach programming to everyone who wants to learn.\n\n"
            "At break we play table tennis. The scores have hung on the wall since 2009.",
        ),
        shift=Words("Päivävuoro, liukuma 6–9", "Dagskift, flextid 6–9", "Day shift, start between 6 and 9"),
        start=Words("heti tai sopimuksen mukaan", "genast eller enligt avtal", "right away or as agreed"),
        talk=Words("uusi halli", "den nya hallen", "the new hall"),
        jobs=(
            Job(
                Words("Särmääjä", "Kantpressoperatör", "Press brake operator"),
                Words(
                    "Taivutat levyt mittaan ja tarkistat ne itse. Aloitat helpoista kappaleista; kolmessa kuukaudessa "
                    "ajat konetta yksin.",
                    "Du bockar plåten till mått och kontrollerar den själv. Du börjar med enkla delar; efter tre "
                    "månader kör du maskinen ensam.",
                    "You bend the sheets to size and check them yourself. You begin with easy parts; in three months "
                    "you run the machine alone.",
                ),
                2,
                ("16.10", "19.00"),
                NOW,
            ),
            Job(
                Words(
                    "Levytyökeskuksen ohjelmoija", "Programmerare för plåtbearbetning", "Sheet metal centre programmer"
                ),
                Words(
                    "Teet ohjelmat laserille ja särmäyspuristimelle ja mietit niiden järjestyksen. Tarvitset kolmen "
                    "vuoden kokemuksen tai tekniikan tutkinnon.",
                    "Du gör programmen för laser och kantpress och planerar ordningen. Du behöver tre års erfarenhet "
                    "eller en teknisk examen.",
                    "You write the programs for the laser and the press brake and plan their order. You need three "
                    "years of experience or a technical degree.",
                ),
                1,
                ("17.50", "20.00"),
                AGREED,
            ),
            Job(
                Words("Viimeistelijä", "Efterbehandlare", "Finisher"),
                Words(
                    "Hiot, kokoat ja pakkaat valmiit kaapit. Siistiä sisätyötä, myös osa-aikaisena.",
                    "Du slipar, monterar och packar färdiga skåp. Rent inomhusarbete, även på deltid.",
                    "You grind, assemble and pack finished cabinets. Clean indoor work, part-time too.",
                ),
                1,
                ("16.10", "17.20"),
                AUGUST,
            ),
        ),
    ),
    Company(
        slug="ita-hameen-ikkuna",
        name="Itä-Hämeen Ikkuna",
        municipality="Hartola",
        person="Riitta Kallio",
        email="toihin@itahameenikkuna.example",
        sentence=Words(
            "Kokoat puuikkunoita, jotka kestävät sata talvea.",
            "Du sätter ihop träfönster som håller i hundra vintrar.",
            "You put together wooden windows that last a hundred winters.",
        ),
        text=Words(
            "Teemme ikkunoita vanhoihin taloihin: koulujen, pappiloiden ja mummoloiden mittojen mukaan. Puu on "
            "hidaskasvuista mäntyä, maali pellavaöljyä.\n\n"
            "Verstaalla on viisi tekijää ja paljon valoa. Jokaisen ikkunan sisäpuolelle kirjoitetaan tekijän nimi.",
            "Vi gör fönster till gamla hus: efter måtten på skolor, prästgårdar och mormors stuga. Virket är "
            "långsamvuxen furu, färgen linolja.\n\n"
            "I verkstaden är vi fem, och ljuset är gott. På insidan av varje fönster skriver vi namnet på den som "
            "gjort det.",
            "We make windows for old houses, to the measures of schools, vicarages and grandmothers' cottages. The "
            "wood is slow-grown pine, the paint linseed oil.\n\n"
            "There are five of us in the workshop, and plenty of light. Inside each window stands the name of the "
            "one who made it.",
        ),
        shift=Words("Päivävuoro 7–15", "Dagskift 7–15", "Day shift 7–15"),
        start=AUGUST,
        talk=Words("ikkuna alusta loppuun", "ett fönster från början till slut", "a window from start to finish"),
        jobs=(
            Job(
                Words("Puuseppä tai kokoonpanija", "Snickare eller montör", "Joiner or assembler"),
                Words(
                    "Sovitat karmit ja puitteet, lasitat ja viimeistelet. Puualan koulutus tai oma harrastuneisuus "
                    "riittää; näytä meille jotain, minkä olet tehnyt.",
                    "Du passar in karmar och bågar, glasar och slutför. Utbildning i trä eller ett eget intresse "
                    "räcker; visa oss något du har gjort.",
                    "You fit frames and sashes, glaze and finish them. Training in wood or a hobby of your own is "
                    "enough; show us something you have made.",
                ),
                1,
                ("15.00", "17.20"),
                AUGUST,
            ),
        ),
    ),
    Company(
        slug="pertun-tera",
        name="Pertun Terä",
        municipality="Mäntyharju",
        person="Perttu Manninen",
        email="perttu@pertuntera.example",
        sentence=Words(
            "Teroitat ja huollat sahanteriä koko Suomelle.",
            "Du slipar och sköter sågklingor för hela Finland.",
            "You sharpen and mend saw blades for the whole country.",
        ),
        text=Words(
            "Terät tulevat meille postissa ja lähtevät seuraavana päivänä. Isoimmat ovat metrin levyisiä, "
            "pienimmät mahtuvat taskuun.\n\n"
            "Meitä on neljä. Työ on tarkkaa, rauhallista ja siistiä, ja sen oppii tekemällä. Viime vuonna "
            "teroitimme yksitoistatuhatta terää eikä yksikään tullut takaisin tylsänä.",
            "Klingorna kommer till oss med posten och far iväg nästa dag. De största är en meter breda, de minsta "
            "ryms i fickan.\n\n"
            "Vi är fyra. Arbetet är noggrant, lugnt och rent, och man lär sig det genom att göra. I fjol slipade vi "
            "elvatusen klingor, och ingen kom tillbaka slö.",
            "Blades come to us by post and leave the next day. The largest are a metre wide, the smallest fit in a "
            "pocket.\n\n"
            "There are four of us. The work is exact, calm and clean, and one learns it by doing. Last year we "
            "sharpened eleven thousand blades, and none came back blunt.",
        ),
        shift=Words("Päivävuoro 8–16", "Dagskift 8–16", "Day shift 8–16"),
        start=NOW,
        talk=Words("miten terä terävöityy", "så blir en klinga vass", "how a blade gets sharp"),
        jobs=(
            Job(
                Words("Terähuoltaja", "Klingslipare", "Blade technician"),
                Words(
                    "Oikaiset, hiot ja mittaat pyörösahan teriä. Koneistajan tai metallialan tausta on hyvä pohja.",
                    "Du riktar, slipar och mäter cirkelsågsklingor. En bakgrund som maskinist eller inom metall är en "
                    "god grund.",
                    "You straighten, grind and measure circular saw blades. A background in machining or metal is a "
                    "good start.",
                ),
                1,
                ("15.60", "18.00"),
                NOW,
            ),
            Job(
                Words("Terähuoltaja, oppisopimus", "Klingslipare, läroavtal", "Blade technician, apprenticeship"),
                Words(
                    "Opit ammatin kahdessa vuodessa Pertun parina. Koulupäivät Mikkelissä kerran kuussa, palkka "
                    "juoksee niiltäkin.",
                    "Du lär dig yrket på två år tillsammans med Perttu. Skoldagar i S:t Michel en gång i månaden, med "
                    "lön.",
                    "You learn the trade in two years beside Perttu. School days in Mikkeli once a month, and they "
                    "are paid too.",
                ),
                1,
                ("15.10", "16.00"),
                AUGUST,
            ),
        ),
    ),
    Company(
        slug="metsakone-leino",
        name="Metsäkone Leino",
        municipality="Sysmä",
        person="Kaisa Leino",
        email="tyot@metsakoneleino.example",
        sentence=Words(
            "Huollat harvestereita tien päällä ja hallissa.",
            "Du servar skördare på vägen och i hallen.",
            "You service harvesters on the road and in the hall.",
        ),
        text=Words(
            "Kun harvesteri seisoo, metsä odottaa. Siksi huoltoautomme lähtee puolessa tunnissa ja korjaa koneen "
            "siellä, missä se on: kannon vieressä, tienposkessa tai meidän hallissamme.\n\n"
            "Saat oman auton ja työkalut, jotka olet itse valinnut. Päivystysviikko on joka viides, ja siitä "
            "maksetaan erikseen.",
            "När skördaren står stilla väntar skogen. Därför är vår servicebil på väg inom en halvtimme och lagar "
            "maskinen där den är: vid stubben, på vägrenen eller i vår hall.\n\n"
            "Du får egen bil och verktyg som du själv har valt. Jourvecka är det var femte, och för den betalas "
            "extra.",
            "When a harvester stands still, the forest waits. So our van is on its way within half an hour and "
            "mends the machine where it is: by the stump, at the roadside or in our hall.\n\n"
            "You get a van of your own and tools of your own choice. Every fifth week you are on call, and that is "
            "paid extra.",
        ),
        shift=Words(
            "Päivätyö, päivystys joka viides viikko",
            "Dagarbete, jour var femte vecka",
            "Days, on call every fifth week",
        ),
        start=NOW,
        talk=Words("kone kuntoon metsässä", "maskinen i skick ute i skogen", "mending a machine in the forest"),
        jobs=(
            Job(
                Words("Raskaan kaluston asentaja", "Mekaniker för tunga maskiner", "Heavy machinery mechanic"),
                Words(
                    "Etsit vian, korjaat hydrauliikan ja sähköt ja viet koneen takaisin töihin. Traktoreita korjannut "
                    "pääsee pitkälle. B-kortti tarvitaan.",
                    "Du hittar felet, lagar hydraulik och el och får maskinen i arbete igen. Den som lagat traktorer "
                    "kommer långt. B-körkort behövs.",
                    "You find the fault, mend hydraulics and electrics and put the machine back to work. Whoever has "
                    "mended tractors will go far. A category B licence is needed.",
                ),
                2,
                ("17.00", "21.50"),
                NOW,
            ),
        ),
    ),
)
"""In the order of the hall."""
