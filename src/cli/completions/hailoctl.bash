# Completion of hailoctl for bash.

_hailoctl() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
  local commands='ping status models load unload infer detect pose segment depth ocr clip faces top bench doctor inspect pull rm selftest services verify config report expose migrate'
  local options='--help --socket --timeout --json' command='' word
  COMPREPLY=()

  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case " $commands " in
      *" $word "*) command=$word && break ;;
    esac
  done

  case $prev in
    --type | -t)
      mapfile -t COMPREPLY < <(compgen -W 'depth detect pose segment face clip embed ocr whisper llm vlm vlm_chat' -- "$cur")
      return
      ;;
    --priority)
      mapfile -t COMPREPLY < <(compgen -W 'realtime interactive batch' -- "$cur")
      return
      ;;
    --colormap)
      mapfile -t COMPREPLY < <(compgen -W 'viridis plasma magma turbo jet' -- "$cur")
      return
      ;;
    --transports)
      mapfile -t COMPREPLY < <(compgen -W 'shm tail v1 shm,tail,v1' -- "$cur")
      return
      ;;
    --dtype)
      mapfile -t COMPREPLY < <(compgen -W 'uint8 int8 uint16 int16 int32 int64 float16 float32 float64 bool' -- "$cur")
      return
      ;;
    --model-dir | --model-dirs | --adapter-dir | --root | --catalogue | --dir | --unit-dir)
      mapfile -t COMPREPLY < <(compgen -d -- "$cur")
      return
      ;;
    --device)
      if [[ $command == pull || $command == rm ]]; then
        mapfile -t COMPREPLY < <(compgen -W 'hailo10h hailo8 onnx' -- "$cur")
      fi
      return
      ;;
    --bind)
      mapfile -t COMPREPLY < <(compgen -W 'loopback keep' -- "$cur")
      return
      ;;
    --representation)
      mapfile -t COMPREPLY < <(compgen -W 'inverse depth' -- "$cur")
      return
      ;;
    --mask-format)
      mapfile -t COMPREPLY < <(compgen -W 'rle counts polygon png none' -- "$cur")
      return
      ;;
    --format)
      mapfile -t COMPREPLY < <(compgen -W 'text json hocr tsv alto' -- "$cur")
      return
      ;;
    --score-mode)
      mapfile -t COMPREPLY < <(compgen -W 'auto cosine softmax' -- "$cur")
      return
      ;;
    --language)
      mapfile -t COMPREPLY < <(compgen -W 'en zh' -- "$cur")
      return
      ;;
    --model | -m | --recognition | --recognition-zh | --classification | --text-model)
      mapfile -t COMPREPLY < <(compgen -f -W "$(hailoctl models --available 2> /dev/null | awk 'NR > 1 { print $1 }')" -- "$cur")
      return
      ;;
    --socket | --output | -o | --labels | --tokenizer | --token-embeddings | --text-projection | --hef | --llm | --llm2 | --vlm | --speech | --report)
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      return
      ;;
    --timeout | --params | --keep-alive | --size | --input-name | --field | --interval | --requests | -n | --concurrency | -c | --shape | --group-id | --only | --limit | --sha256 | --retries | --retry-delay | --stall | --threshold | --keypoint-threshold | --iou-threshold | --max-detections | --class | --prompt | -p | --template | --top-k | --wait | --bridge | --address)
      return
      ;;
  esac

  case $command in
    '') options+=" --version $commands" ;;
    models) options+=' check --available --catalogue --dir' ;;
    load) options+=' --type --params --keep-alive --pin --unpin' ;;
    unload) options+=' --type --params' ;;
    infer) options+=' --type --params --output --size --input-name --field --priority --colormap' ;;
    detect) options+=' --output --model --threshold --iou-threshold --max-detections --labels --class' ;;
    pose) options+=' --output --model --threshold --keypoint-threshold --iou-threshold --max-detections' ;;
    segment)
      options+=' --output --model --threshold --iou-threshold --max-detections --labels --class --mask-format'
      ;;
    depth) options+=' --output --model --colormap --representation' ;;
    ocr)
      options+=' --output --model --threshold --format --language --recognition --recognition-zh --classification'
      ;;
    clip)
      options+=' --output --model --prompt --template --score-mode --top-k --embedding --text-model --tokenizer'
      options+=' --token-embeddings --text-projection --catalogue --model-dirs'
      ;;
    faces) options+=' --output --model --threshold --iou-threshold --max-detections' ;;
    top) options+=' --interval' ;;
    bench) options+=' --type --params --requests --concurrency --transports --shape --dtype --input-name' ;;
    doctor) options+=' --model-dir --group-id --root --adapter-dir' ;;
    inspect) options+=' --no-sha256 --for --adapter-dir' ;;
    pull)
      options+=' --device --sha256 --dry-run --retries --retry-delay --stall --catalogue --dir --adapter-dir'
      ;;
    rm) options+=' --device --catalogue --dir' ;;
    migrate) options+=' --root --yes --undo --bind' ;;
    selftest)
      options+=' --hardware --hef --llm --llm2 --vlm --speech --only --short --reboot --ollama'
      options+=' --limit --group-id --device --report --force --adapter-dir'
      ;;
    services) options+=' list enable disable start stop restart' ;;
    verify) options+=' --wait' ;;
    expose) options+=' --docker --bridge --address --undo --yes --unit-dir' ;;
    report) options+=' --output --dir' ;;
    config) options+=' show check explain --all --dir' ;;
  esac
  if [[ $cur != -* && $command =~ ^(load|unload|infer|detect|pose|segment|depth|ocr|clip|faces|bench|inspect)$ ]]; then
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
  elif [[ $cur != -* && ($command =~ ^(verify|expose)$ || $command =~ ^(services|config)$ && $prev != "$command") ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$(hailoctl services 2> /dev/null | awk '/^hailo-[a-z-]+ / { print $1 }')" -- "$cur")
  elif [[ $cur != -* && $command =~ ^(pull|rm)$ ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$(hailoctl models --available 2> /dev/null | awk 'NR > 1 { print $1 }')" -- "$cur")
  else
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
  fi
}

complete -o filenames -F _hailoctl hailoctl
