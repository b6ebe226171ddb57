# Completion of hailoctl for fish.

set -l commands ping status models load unload infer detect pose segment depth ocr clip faces top bench doctor inspect pull rm selftest services verify config report expose migrate
set -l about_model load unload infer bench
set -l on_pictures detect pose segment depth ocr clip faces
set -l dtypes uint8 int8 uint16 int16 int32 int64 float16 float32 float64 bool

complete -c hailoctl -f
complete -c hailoctl -l help -d 'Show help'
complete -c hailoctl -l version -d 'Show the version' -n "not __fish_seen_subcommand_from $commands"
complete -c hailoctl -l socket -r -F -d 'Socket of the manager'
complete -c hailoctl -l timeout -x -d 'Seconds to wait for an answer'
complete -c hailoctl -l json -d 'Print JSON'

complete -c hailoctl -n "not __fish_seen_subcommand_from $commands" -a ping -d 'Ask whether the manager answers'
complete -c hailoctl -n "not __fish_seen_subcommand_from $commands" -a status -d 'Show the device and the queue'
complete -c hailoctl -n "not __fish_seen_subcommand_from $commands" -a models -d 'List the models on the device, or those that have a name'
complete -c hailoctl -n "not __fish_seen_subcommand_from $commands" -a load -d 'Load a model'
complete -c hailoctl -n "not __fish_seen_subcommand_from $commands" -a unload -d 'Take a model off the device'
complete -c hailoctl -n "not __fish_seen_subcommand_from $commands" -a infer -d 'Run a model on a picture or an array'
complete -c hailoctl -n "not __fish_seen_subcommand_from $commands" -a detect -d 'Find objects in pictures'
complete -c hailoctl -n "not __fish_seen_subcommand_from $commands" -a pose -d 'Find people and their key points in pictures'
complete -c hailoctl -n "not __fish_seen_subcommand_from $commands" -a segment -d 'Find objects and their outlines in pictures'
complete -c hailoctl -n "not __fish_seen_subcommand_from $commands" -a depth -d 'Estimate how far everything in pictures is'
complete -c hailoctl -n "not __fish_seen_subcommand_from $commands" -a ocr -d 'Read the text in pictures'
complete -c hailoctl -n "not __fish_seen_subcommand_from $commands" -a clip -d 'Tell which text describes pictures best'
complete -c hailoctl -n "not __fish_seen_subcommand_from $commands" -a faces -d 'Find faces in pictures'
complete -c hailoctl -n "not __fish_seen_subcommand_from $commands" -a top -d 'Watch the device'
complete -c hailoctl -n "not __fish_seen_subcommand_from $commands" -a bench -d 'Measure the round trip of inferences'
complete -c hailoctl -n "not __fish_seen_subcommand_from $commands" -a doctor -d 'Find out what is wrong'
complete -c hailoctl -n "not __fish_seen_subcommand_from $commands" -a inspect -d 'Show what a HEF file holds'
complete -c hailoctl -n "not __fish_seen_subcommand_from $commands" -a pull -d 'Fetch models by their names'
complete -c hailoctl -n "not __fish_seen_subcommand_from $commands" -a rm -d 'Remove models that pull has fetched'
complete -c hailoctl -n "not __fish_seen_subcommand_from $commands" -a selftest -d 'Ask a real chip what only it can answer'
complete -c hailoctl -n "not __fish_seen_subcommand_from $commands" -a services -d 'See, enable, start and stop the services'
complete -c hailoctl -n "not __fish_seen_subcommand_from $commands" -a verify -d 'Send every service a real request'
complete -c hailoctl -n "not __fish_seen_subcommand_from $commands" -a config -d 'Show, check and explain the configuration'
complete -c hailoctl -n "not __fish_seen_subcommand_from $commands" -a report -d 'Pack what a bug report needs'
complete -c hailoctl -n "not __fish_seen_subcommand_from $commands" -a expose -d 'Let containers or the network reach a service'
complete -c hailoctl -n "not __fish_seen_subcommand_from $commands" -a migrate -d 'Take over from an installation of the Python project'

complete -c hailoctl -n "__fish_seen_subcommand_from $about_model" -F
complete -c hailoctl -n "__fish_seen_subcommand_from $about_model" -s t -l type -x -a 'depth detect pose segment face clip embed ocr whisper llm vlm vlm_chat' -d 'Model type'
complete -c hailoctl -n "__fish_seen_subcommand_from $about_model" -l params -x -d 'model_params, a JSON object'

complete -c hailoctl -n '__fish_seen_subcommand_from load' -l keep-alive -x -d 'Seconds to stay after the last use'
complete -c hailoctl -n '__fish_seen_subcommand_from load' -l pin -d 'Never evict it'
complete -c hailoctl -n '__fish_seen_subcommand_from load' -l unpin -d 'Allow eviction again'

complete -c hailoctl -n '__fish_seen_subcommand_from infer' -s o -l output -r -F -d 'Write the result'
complete -c hailoctl -n '__fish_seen_subcommand_from infer' -l size -x -d 'WIDTHxHEIGHT of the picture'
complete -c hailoctl -n '__fish_seen_subcommand_from infer' -l field -x -d 'Further field, NAME=VALUE'
complete -c hailoctl -n '__fish_seen_subcommand_from infer' -l priority -x -a 'realtime interactive batch' -d 'Class of the request'
complete -c hailoctl -n '__fish_seen_subcommand_from infer depth' -l colormap -x -a 'viridis plasma magma turbo jet' -d 'Colours of png output'
complete -c hailoctl -n '__fish_seen_subcommand_from infer bench' -l input-name -x -d 'Field for the input'

complete -c hailoctl -n "__fish_seen_subcommand_from $on_pictures" -F
complete -c hailoctl -n "__fish_seen_subcommand_from $on_pictures" -s o -l output -r -F -d 'Write the pictures with what was found'
complete -c hailoctl -n "__fish_seen_subcommand_from $on_pictures" -s m -l model -r -F -a '(hailoctl models --available 2> /dev/null | tail -n +2 | string match -r "^\S+")' -d 'Model'
complete -c hailoctl -n '__fish_seen_subcommand_from detect pose segment ocr faces' -l threshold -x -d 'Least confidence'
complete -c hailoctl -n '__fish_seen_subcommand_from pose' -l keypoint-threshold -x -d 'Least confidence of a key point'
complete -c hailoctl -n '__fish_seen_subcommand_from detect pose segment faces' -l iou-threshold -x -d 'Most overlap of two'
complete -c hailoctl -n '__fish_seen_subcommand_from detect pose segment faces' -l max-detections -x -d 'So many at most'
complete -c hailoctl -n '__fish_seen_subcommand_from detect segment' -l labels -r -F -d 'Names of the classes'
complete -c hailoctl -n '__fish_seen_subcommand_from detect segment' -l class -x -d 'Only this class'
complete -c hailoctl -n '__fish_seen_subcommand_from segment' -l mask-format -x -a 'rle counts polygon png none' -d 'Masks in JSON'
complete -c hailoctl -n '__fish_seen_subcommand_from depth' -l representation -x -a 'inverse depth' -d 'What larger values are'
complete -c hailoctl -n '__fish_seen_subcommand_from ocr' -l format -x -a 'text json hocr tsv alto' -d 'Of what was read'
complete -c hailoctl -n '__fish_seen_subcommand_from ocr' -l language -x -a 'en zh' -d 'What is read'
complete -c hailoctl -n '__fish_seen_subcommand_from ocr' -l recognition -r -F -a '(hailoctl models --available 2> /dev/null | tail -n +2 | string match -r "^\S+")' -d 'Model that reads lines'
complete -c hailoctl -n '__fish_seen_subcommand_from ocr' -l recognition-zh -r -F -a '(hailoctl models --available 2> /dev/null | tail -n +2 | string match -r "^\S+")' -d 'Model that reads Chinese'
complete -c hailoctl -n '__fish_seen_subcommand_from ocr' -l classification -r -F -a '(hailoctl models --available 2> /dev/null | tail -n +2 | string match -r "^\S+")' -d 'Model that says what is upside down'
complete -c hailoctl -n '__fish_seen_subcommand_from clip' -s p -l prompt -x -d 'Text to compare with'
complete -c hailoctl -n '__fish_seen_subcommand_from clip' -l template -x -d 'With {} for the text'
complete -c hailoctl -n '__fish_seen_subcommand_from clip' -l score-mode -x -a 'auto cosine softmax' -d 'Of scores'
complete -c hailoctl -n '__fish_seen_subcommand_from clip' -l top-k -x -d 'So many texts at most'
complete -c hailoctl -n '__fish_seen_subcommand_from clip' -l embedding -d 'Tell the vectors too'
complete -c hailoctl -n '__fish_seen_subcommand_from clip' -l text-model -r -F -a '(hailoctl models --available 2> /dev/null | tail -n +2 | string match -r "^\S+")' -d 'Text encoder'
complete -c hailoctl -n '__fish_seen_subcommand_from clip' -l tokenizer -r -F -d 'Of texts'
complete -c hailoctl -n '__fish_seen_subcommand_from clip' -l token-embeddings -r -F -d 'Table of them'
complete -c hailoctl -n '__fish_seen_subcommand_from clip' -l text-projection -r -F -d 'Of texts'
complete -c hailoctl -n '__fish_seen_subcommand_from clip' -l catalogue -r -a '(__fish_complete_directories)' -d 'Folder of the catalogue'
complete -c hailoctl -n '__fish_seen_subcommand_from clip' -l model-dirs -r -a '(__fish_complete_directories)' -d 'Folders of the tables'

complete -c hailoctl -n '__fish_seen_subcommand_from top' -l interval -x -d 'Seconds between refreshes'

complete -c hailoctl -n '__fish_seen_subcommand_from bench' -s n -l requests -x -d 'Number of requests'
complete -c hailoctl -n '__fish_seen_subcommand_from bench' -s c -l concurrency -x -d 'Clients at the same time'
complete -c hailoctl -n '__fish_seen_subcommand_from bench' -l transports -x -a 'shm tail v1' -d 'Comma-separated'
complete -c hailoctl -n '__fish_seen_subcommand_from bench' -l shape -x -d 'Of the input'
complete -c hailoctl -n '__fish_seen_subcommand_from bench' -l dtype -x -a "$dtypes" -d 'Of the input'

complete -c hailoctl -n '__fish_seen_subcommand_from doctor' -l model-dir -r -a '(__fish_complete_directories)' -d 'Model directory to examine'
complete -c hailoctl -n '__fish_seen_subcommand_from doctor migrate' -l root -r -a '(__fish_complete_directories)' -d 'Of a made-up machine'

complete -c hailoctl -n '__fish_seen_subcommand_from inspect' -F
complete -c hailoctl -n '__fish_seen_subcommand_from inspect' -l no-sha256 -d 'Do not read the whole file'
complete -c hailoctl -n '__fish_seen_subcommand_from inspect' -l for -x -a 'here hailo10h hailo8 hailo8l' -d 'Chip that it must be made for'
complete -c hailoctl -n '__fish_seen_subcommand_from doctor inspect pull selftest' -l adapter-dir -r -a '(__fish_complete_directories)' -d 'Folder of the HailoRT adapters'
complete -c hailoctl -n '__fish_seen_subcommand_from doctor selftest' -l group-id -x -d 'HailoRT group id'

complete -c hailoctl -n '__fish_seen_subcommand_from models' -a check -d 'Say what model files are taken for'
complete -c hailoctl -n '__fish_seen_subcommand_from models' -l available -d 'List the models of the catalogue'
complete -c hailoctl -n '__fish_seen_subcommand_from models pull rm' -l catalogue -r -a '(__fish_complete_directories)' -d 'Folder of the catalogue'
complete -c hailoctl -n '__fish_seen_subcommand_from models pull rm' -l dir -r -a '(__fish_complete_directories)' -d 'Folder that models are fetched into'

complete -c hailoctl -n '__fish_seen_subcommand_from pull rm' -a "(command -q hailoctl && hailoctl models --available 2> /dev/null | awk 'NR > 1 { print \$1 }')"
complete -c hailoctl -n '__fish_seen_subcommand_from pull rm' -l device -x -a 'hailo10h hailo8 onnx' -d 'Kind of device'
complete -c hailoctl -n '__fish_seen_subcommand_from pull' -l sha256 -x -d 'That the file must have'
complete -c hailoctl -n '__fish_seen_subcommand_from pull' -l dry-run -d 'Say what would be fetched'
complete -c hailoctl -n '__fish_seen_subcommand_from pull' -l retries -x -d 'Tries in which nothing comes'
complete -c hailoctl -n '__fish_seen_subcommand_from pull' -l retry-delay -x -d 'Seconds before the first of them'
complete -c hailoctl -n '__fish_seen_subcommand_from pull' -l stall -x -d 'Seconds without a byte that count as a break'

complete -c hailoctl -n '__fish_seen_subcommand_from selftest' -l hardware -d 'Use the chip'
complete -c hailoctl -n '__fish_seen_subcommand_from selftest' -l hef -r -F -d 'Vision model'
complete -c hailoctl -n '__fish_seen_subcommand_from selftest' -l llm -r -F -d 'Language model'
complete -c hailoctl -n '__fish_seen_subcommand_from selftest' -l llm2 -r -F -d 'Another language model'
complete -c hailoctl -n '__fish_seen_subcommand_from selftest' -l vlm -r -F -d 'Vision-language model'
complete -c hailoctl -n '__fish_seen_subcommand_from selftest' -l speech -r -F -d 'Speech model'
complete -c hailoctl -n '__fish_seen_subcommand_from selftest' -l only -x -d 'Question to ask'
complete -c hailoctl -n '__fish_seen_subcommand_from selftest' -l short -d 'Measure less often'
complete -c hailoctl -n '__fish_seen_subcommand_from selftest' -l reboot -d 'Question 8 may restart the chip'
complete -c hailoctl -n '__fish_seen_subcommand_from selftest' -l ollama -d 'hailo-ollama runs'
complete -c hailoctl -n '__fish_seen_subcommand_from selftest' -l limit -x -d 'Seconds after which a check hangs'
complete -c hailoctl -n '__fish_seen_subcommand_from selftest' -l device -x -d 'Id of the device to ask'
complete -c hailoctl -n '__fish_seen_subcommand_from selftest' -l report -r -F -d 'File to write'
complete -c hailoctl -n '__fish_seen_subcommand_from selftest' -l force -d 'Even while the manager has the device'

set -l service_names "(command -q hailoctl && hailoctl services 2> /dev/null | awk '/^hailo-[a-z-]+ / { print \$1 }')"
set -l service_verbs list enable disable start stop restart
complete -c hailoctl -n "__fish_seen_subcommand_from services; and not __fish_seen_subcommand_from $service_verbs" -a "$service_verbs"
complete -c hailoctl -n "__fish_seen_subcommand_from services; and __fish_seen_subcommand_from $service_verbs" -a "$service_names"
complete -c hailoctl -n '__fish_seen_subcommand_from verify expose' -a "$service_names"
complete -c hailoctl -n '__fish_seen_subcommand_from verify' -l wait -x -d 'Seconds to wait for sockets and models'
complete -c hailoctl -n "__fish_seen_subcommand_from config; and not __fish_seen_subcommand_from show check explain" -a 'show check explain'
complete -c hailoctl -n "__fish_seen_subcommand_from config; and __fish_seen_subcommand_from show check explain" -a "$service_names"
complete -c hailoctl -n '__fish_seen_subcommand_from config' -l all -d 'Also keys that have their default'
complete -c hailoctl -n '__fish_seen_subcommand_from config report' -l dir -r -a '(__fish_complete_directories)' -d 'Files of this folder'
complete -c hailoctl -n '__fish_seen_subcommand_from report' -s o -l output -r -F -d 'File to write'
complete -c hailoctl -n '__fish_seen_subcommand_from expose' -l docker -d 'To containers'
complete -c hailoctl -n '__fish_seen_subcommand_from expose' -l bridge -x -d 'Bridge of the containers'
complete -c hailoctl -n '__fish_seen_subcommand_from expose' -l address -x -d 'Address of this machine, or *'
complete -c hailoctl -n '__fish_seen_subcommand_from expose' -l undo -d 'To this machine only'
complete -c hailoctl -n '__fish_seen_subcommand_from expose' -s y -l yes -d 'Do it without a question'
complete -c hailoctl -n '__fish_seen_subcommand_from expose' -l unit-dir -r -a '(__fish_complete_directories)' -d 'Folder of units'
complete -c hailoctl -n '__fish_seen_subcommand_from migrate' -l yes -d 'Do it'
complete -c hailoctl -n '__fish_seen_subcommand_from migrate' -l undo -d 'Take back what was done'
complete -c hailoctl -n '__fish_seen_subcommand_from migrate' -l bind -x -a 'loopback keep' -d 'What was open to the network'
