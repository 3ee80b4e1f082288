extension Subject {
    /// Every subject of the timetable.
    static let all: [Subject] = humanities + sciences + arts

    static let humanities: [Subject] = [
        Subject(
            "History",
            topics: """
                The causes of the French Revolution|Life in a Victorian factory|Why William won at Hastings\
                |The Suffragettes|Trench warfare|The Black Death in our county|The abolition of slavery\
                |Was Henry VIII a good king
                """,
            things: """
                the king|the peasants|the new taxes|Parliament|the price of bread|the queen|the archers\
                |the factory owners|the children who worked there|the campaigners|the government\
                |the letters from the front|the bad harvest|the Church|ordinary families|the army\
                |the treaty|the newspapers of the time|the merchants|the railway|the plague|the rebels
                """,
            actions: """
                led to|changed|did not stop|helped|made people talk about|put pressure on|took over from\
                |was blamed for|weakened|was the reason for|came before|could not control|depended on
                """,
            qualities: """
                unfair powerful hungry famous religious unpopular loyal important dangerous expensive \
                ambitious divided brave stubborn cruel modern
                """,
            reasons: """
                there was not enough food|nobody trusted the king any more|the harvest had failed twice\
                |they wanted the right to vote|the pay was very low|news took weeks to arrive\
                |doctors did not understand germs|the soldiers had not been paid|the laws were out of date\
                |the evidence was written by the winning side
                """),
        Subject(
            "Geography",
            topics: """
                Coastal erosion at Holderness|Why do people migrate|The water cycle|Plate boundaries\
                |Rainforest layers|Urban growth in Lagos|Flooding in our town|Renewable energy
                """,
            things: """
                the river|the cliff|waves|the city|farmers|the volcano|tourists|the rainforest\
                |heavy rainfall|the local council|a wide flood plain|longshore drift|the sea wall\
                |the oceanic plate|new housing|the climate|people in the countryside|solar panels\
                |the estuary|the water table|traffic
                """,
            actions: """
                can wear away|can protect|can increase|can damage|will move towards|can slow down|will affect\
                |can depend on|can carry material to|can bring money to|will put pressure on|can flood
                """,
            qualities: """
                steep fertile crowded dry tropical polluted rural sustainable expensive fragile remote \
                seasonal permeable industrial
                """,
            reasons: """
                the rock is soft clay|there are more jobs in the city|the trees hold the soil together\
                |warm air rises and cools|the plates are moving apart|the defences are too old\
                |the population keeps growing|the soil is already full of water\
                |it is close to the main road|the wind usually comes from the south west
                """),
        Subject(
            "English",
            topics: """
                How does Shakespeare present Macbeth|A character study of Scrooge|My creative writing\
                |Loneliness in Of Mice and Men|Comparing two poems about war|A speech about screen time\
                |Setting in a ghost story|Book review
                """,
            things: """
                the writer|Lady Macbeth|the narrator|the metaphor|the weather in this scene|Scrooge\
                |the ghost|the opening paragraph|the reader|the soldier|the repetition|Curley's wife\
                |the language of the witches|the main character|the dark imagery|the ending|the old house\
                |the short sentence|the audience|the poet's voice
                """,
            actions: """
                made us feel|reflected|contrasted with|was used to show|built up to|hinted at|described\
                |reminded the reader of|was changed by|created a picture of|foreshadowed|was linked to
                """,
            qualities: """
                lonely ambitious mysterious guilty powerful gentle dramatic bitter hopeful tense gloomy \
                selfish violent convincing ironic
                """,
            reasons: """
                the word suggests something is wrong|he regrets what he has done\
                |the audience already knows the truth|it makes the scene more tense\
                |nobody listens to her in the book|the adjectives are all to do with darkness\
                |she feels trapped on the ranch|the play was written for a king\
                |the murder happens off stage so we imagine it|it comes straight after the battle
                """),
        Subject(
            "RE",
            topics: """
                What do Sikhs believe about equality|Is it ever right to fight|Pilgrimage\
                |The five pillars|Forgiveness|Christian views on war and peace|Festivals of light
                """,
            things: """
                the believers|the holy book|prayer|the community|fasting|pilgrimage|the langar|charity\
                |the idea of a just war|the story of the good Samaritan|a mosque|the festival|the Torah\
                |worship|the golden rule|the teaching about forgiveness|many Hindus|Buddhists today
                """,
            actions: """
                can bring people closer to|can teach us about|can remind people of|will often lead to\
                |can be understood through|can strengthen|can help with|will be part of|can be seen in
                """,
            qualities: """
                sacred peaceful equal generous traditional spiritual important respectful humble faithful
                """,
            reasons: """
                everyone is equal before God|it says so in the scripture|people feel part of something\
                |killing is against the commandments|it shows respect|it has been done for centuries\
                |not everybody in the faith agrees|actions matter more than words
                """),
        Subject(
            "PSHE",
            topics: """
                Online safety|Healthy friendships|Why vaping is bad for you|Managing exam stress\
                |Anti-bullying week poster|Budgeting for students|Sleep and mental health
                """,
            things: """
                a good friend|peer pressure|a trusted adult|exercise|too much screen time|a strong password\
                |saying sorry|the school nurse|vaping|sleep|a bank account|stress|bullying\
                |asking for help|the people around you|social media
                """,
            actions: """
                can make a difference to|can affect|can help with|can get in the way of|can protect you from\
                |will change|can be linked to|can damage|can be the first step to
                """,
            qualities: """
                healthy honest risky supportive anxious confident private expensive kind addictive
                """,
            reasons: """
                nobody should have to cope on their own|your brain is still growing\
                |people share things without asking|it is hard to say no to your mates\
                |the adverts are aimed at teenagers|talking about it is not telling tales\
                |what you post stays online|you feel better after a walk
                """),
    ]

    static let sciences: [Subject] = [
        Subject(
            "Biology",
            topics: """
                Photosynthesis|The digestive system|Cells and microscopes|Respiration practical\
                |Inheritance|Food chains in the school pond|How vaccines work|The heart
                """,
            things: """
                chlorophyll|the leaf|the small intestine|the nucleus|white blood cells|the enzyme|bacteria\
                |the mitochondria|carbon dioxide|the root hair cell|the heart|oxygen|a vaccine|the predator\
                |glucose|the cell membrane|the female bird|the lungs|antibodies|the recessive allele
                """,
            actions: """
                can absorb|can break down|will release|can move into|can carry|will react with|can control\
                |can produce|will compete with|can attach to|can protect|can transport
                """,
            qualities: """
                permeable acidic specialised visible oxygenated microscopic healthy infected thin soluble
                """,
            reasons: """
                it has a large surface area|the enzyme is denatured at high temperatures\
                |light is needed for the reaction|energy is released from glucose\
                |the concentration is higher outside the cell|the walls are only one cell thick\
                |the body has seen the virus before|there is less light under the trees
                """),
        Subject(
            "Chemistry",
            topics: """
                The reactivity series|Making salts practical|Atomic structure|Acids and alkalis\
                |Rates of reaction|Separating mixtures|The periodic table
                """,
            things: """
                the acid|magnesium|the precipitate|the electrons in the outer shell|copper sulfate|the gas\
                |the catalyst|sodium|the solution|the temperature of the water|the alkali metals\
                |the indicator|the residue on the filter paper|hydrogen|calcium carbonate|the noble gases
                """,
            actions: """
                will react with|can neutralise|can speed up|will dissolve in|can displace|will bond with\
                |can be separated from|can change the colour of|will give electrons to|can be heated with
                """,
            qualities: """
                soluble reactive blue colourless concentrated explosive stable alkaline dilute volatile
                """,
            reasons: """
                the particles collide more often|the outer shell is full|magnesium is more reactive\
                |the surface area is bigger|bonds need energy to break|the acid was the limiting reactant\
                |we did not dry the crystals for long enough|the bung was not tight
                """),
        Subject(
            "Physics",
            topics: """
                Forces and motion|Electric circuits|Waves|Energy transfers at home|The solar system\
                |Half life|Terminal velocity|Density practical
                """,
            things: """
                the current|the resistor|gravity|the car|the light wave|friction|the ball|the lamp\
                |a bigger force|the parachute|the nucleus|kinetic energy|the pendulum|sound|the satellite\
                |the voltage|the wire|air resistance|the trolley|the lens
                """,
            actions: """
                will accelerate towards|can slow down|can transfer energy to|can act on|will balance\
                |can be measured with|will depend on|can heat up|will reflect from|can pass through
                """,
            qualities: """
                constant parallel heavy longitudinal efficient elastic radioactive negative visible faster
                """,
            reasons: """
                the forces are balanced|energy cannot be created or destroyed|the wire gets hotter\
                |light travels faster than sound|the mass stays the same|the circuit is not complete\
                |we repeated it three times and took a mean|the battery was nearly flat
                """),
        Subject(
            "Maths",
            topics: """
                Probability investigation|Straight line graphs|Pythagoras questions|Averages project\
                |Fractions corrections|Scale drawing of my bedroom
                """,
            things: """
                the gradient|the hypotenuse|the probability of a six|the mean|the median|the equation\
                |the bottom of the fraction|the angle at B|the scale|the sample|the sequence|my first answer\
                |the y intercept|the outlier|the shaded area
                """,
            actions: """
                can be found from|will be equal to|can be written as|will change|can be compared with\
                |can be worked out from|will be double|can be cancelled with|can be plotted against
                """,
            qualities: """
                equal parallel negative likely bigger accurate prime positive even wrong
                """,
            reasons: """
                the angles add up to 180 degrees|I forgot to square root it|both sides were divided by two\
                |the dice is fair|the lines never meet|I rounded too early|the sample was too small\
                |two minuses make a plus
                """),
        Subject(
            "Computing",
            topics: """
                My guessing game|Binary and hexadecimal|Network topologies|How search engines work\
                |Evaluating my website|Sorting algorithms
                """,
            things: """
                the variable|the loop|my program|the user|the router|the function|the list|a binary search\
                |the flowchart|the password check|the web server|the if statement|the database|the sensor
                """,
            actions: """
                can store|will repeat until it finds|can send data to|will crash without|can be tested with\
                |can call|will check|can be replaced by|will compare|can print
                """,
            qualities: """
                efficient secure readable slow reliable infinite sorted global encrypted broken
                """,
            reasons: """
                the indentation was wrong|it only has to look at half the list each time\
                |I used a string and not an integer|the condition is never true\
                |the packets can take different routes|the file was not closed\
                |I tested it with normal and extreme data|copying the code would be hard to maintain
                """),
    ]

    static let arts: [Subject] = [
        Subject(
            "Art",
            topics: """
                Artist research page|Evaluating my self portrait|Pop art|Natural forms\
                |Colour theory notes
                """,
            things: """
                the brush strokes|the background|the artist|my final piece|the colours|light and shadow\
                |the portrait|the charcoal drawing|the composition|texture|the collage|the sculpture
                """,
            actions: """
                gave a feeling of|contrasted with|was inspired by|drew your eye to|was painted over\
                |took longer than|balanced|was based on|stood out from|made me think about
                """,
            qualities: """
                bold delicate abstract bright realistic messy calm striking detailed cold
                """,
            reasons: """
                I mixed too much white into it|complementary colours make each other stand out\
                |he wanted to shock people|the light comes from one side|I ran out of time\
                |the shapes are simple
                """),
        Subject(
            "Food",
            topics: """
                Evaluating my scones|The eatwell guide|Food hygiene|Where does our food come from\
                |Bread practical
                """,
            things: """
                the dough|the yeast|raw chicken|my scones|the oven|fibre|the fridge|butter|the flour\
                |a balanced meal|seasonal fruit|the sauce|protein|the chopping board|hand washing
                """,
            actions: """
                can spread bacteria to|will rise with|can be stored with|can be swapped for|will thicken\
                |can give flavour to|will be mixed into|can improve|can ruin
                """,
            qualities: """
                crumbly fresh healthy burnt local sweet salty hygienic golden dense
                """,
            reasons: """
                the mixture was too wet|the oven was not hot enough|vitamins are lost in the water\
                |the gluten needs time to rest|it has travelled fewer miles|I did not sieve the flour\
                |bacteria grow fastest in the warm
                """),
        Subject(
            "PE theory",
            topics: """
                Muscles and movement|My training diary|Why do athletes warm up|Diet for a marathon runner
                """,
            things: """
                the hamstring|a warm up|the heart rate|the coach|the goalkeeper|carbohydrates|training\
                |the referee|flexibility|the lungs|my fitness test|recovery time|the sprinter|teamwork
                """,
            actions: """
                can improve|can prevent injury to|will depend on|can be measured by|will get faster with\
                |can support|can be trained with|will affect|can build up
                """,
            qualities: """
                fit aerobic tired flexible explosive consistent injured competitive strong quick
                """,
            reasons: """
                the muscles need more oxygen|blood flow increases|lactic acid builds up\
                |the score improved by four|rest days let the body repair\
                |the opposition was better organised|they train six days a week
                """),
    ]
}
