#!/bin/bash
# User data of the instances of a blue/green fleet, for Amazon Linux 2023 and Debian 12 or newer. Puts the versions of the
# wars that the tags of its instance name where these say, starts Tomcat as a service, and answers /health once every war
# does. What it does, and why it gave up, stands on the console: aws ec2 get-console-output --latest --instance-id ...
set -uo pipefail

# What a fleet may want otherwise: here, or in the environment.
: "${PORT:=8080}"                # of Tomcat, and so of the health checks
: "${WAR_HEALTH_PATH:=/health}"  # below each war: below 400 it is well. ROOT.war is asked for "/".
: "${TOMCAT:=tomcat10}"          # the package: jakarta wars. On Amazon Linux tomcat9 runs javax wars.
: "${TOMCAT_BASE:=/opt/tomcat}"  # the folder of this Tomcat: webapps, conf, work, temp, logs
: "${JAVA_OPTIONS:=-XX:MaxRAMPercentage=70}"
: "${PATIENCE_SECONDS:=600}"     # until Tomcat answers; with the next, less than the heartbeat of a lifecycle hook
: "${ILL_SECONDS:=300}"          # from then on, until every war is well
: "${READ_SECONDS:=20}"          # without a byte from S3, a download begins anew
# What only a trial on another machine wants otherwise.
: "${ROOT:=}"                    # a folder that is taken for the root, without systemd
: "${LISTEN_ADDRESS:=}"          # all addresses
: "${METADATA:=http://169.254.169.254}"
: "${CATALINA_HOME:=/usr/share/$TOMCAT}"
: "${HOME:=/root}"
export HOME AWS_MAX_ATTEMPTS=3 AWS_RETRY_MODE=standard AWS_PAGER=''

SERVICE=bluegreen-tomcat
base=$ROOT$TOMCAT_BASE
patience=$PATIENCE_SECONDS
deadline=$((SECONDS + patience))
has_answered=''
instance_id=''
why=''
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
declare -A tag
slots=()
checks=()

main() {
  keep_trying 15 install_packages
  keep_trying 15 identify
  keep_trying 15 find_tags
  local slot
  for slot in "${slots[@]}"; do keep_trying 15 fetch_war "$slot"; done
  write_base
  start_tomcat
  keep_trying 1 is_well
  say "well: ${#slots[@]} wars answer on port $PORT"
  complete_hooks CONTINUE
}

# cloud-init writes this to the console and to /var/log/cloud-init-output.log.
say() { printf 'user-data: %s\n' "$*"; }

# Tomcat, if it runs, goes on: /health says what is missing, and may be well later.
give_up() {
  say "FAILED: $*"
  tomcat_log
  complete_hooks ABANDON
  exit 1
}

# keep_trying SECONDS COMMAND...: at most so long between attempts. A command says why it failed in $why, and returns 2
# where another attempt would be in vain.
keep_trying() {
  local longest=$1 pause=1 said='' code
  shift
  while true; do
    "$@"
    code=$?
    [ $code = 0 ] && return
    [ $code = 2 ] && give_up "$why"
    [ $SECONDS -ge $deadline ] && give_up "after $patience s: $why"
    [ "$why" = "$said" ] || say "not yet: $why"
    said=$why
    sleep "$pause"
    pause=$((pause * 2 < longest ? pause * 2 : longest))
  done
}

# An image that has all of it boots faster.
install_packages() {
  [ -e "$CATALINA_HOME/bin/bootstrap.jar" ] && command -v java aws curl > "$scratch/commands" &&
    [ "$(wc -l < "$scratch/commands")" = 3 ] && return
  say "installing $TOMCAT"
  if command -v dnf > /dev/null; then
    # The command is there in all but the minimal image.
    dnf -y -q install "$TOMCAT" java-17-amazon-corretto-headless $(command -v aws > /dev/null || echo awscli-2) \
      > "$scratch/out" 2>&1
  else
    # The package starts a service of its own on port 8080, unless that is masked.
    systemctl mask --now "$TOMCAT" > "$scratch/out" 2>&1
    { apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q -y install "$TOMCAT" awscli curl; } \
      > "$scratch/out" 2>&1
  fi || { why="cannot install $TOMCAT: $(tail -n 3 "$scratch/out" | one_line)"; return 1; }
}

# IMDSv2: a token first.
identify() {
  local header='X-aws-ec2-metadata-token-ttl-seconds: 21600'
  token=$(curl -sSf -m 5 -X PUT -H "$header" "$METADATA/latest/api/token" 2> "$scratch/error") &&
    instance_id=$(metadata instance-id) && AWS_REGION=$(metadata placement/region) ||
    { why="no metadata: $(one_line < "$scratch/error")"; return 1; }
  export AWS_REGION AWS_DEFAULT_REGION=$AWS_REGION
  say "$instance_id in $AWS_REGION"
}

metadata() {
  curl -sSf -m 5 -H "X-aws-ec2-metadata-token: $token" "$METADATA/latest/meta-data/$1" 2> "$scratch/error"
}

# Those of the instance are as they were when it was launched; those of its group may have been changed since.
find_tags() {
  local source reasons=''
  for source in metadata instance group; do
    tag=()
    "tags_of_$source" && find_slots && { say "tags of the $source: slots ${slots[*]}"; return; }
    reasons+="${reasons:+; }tags of the $source: $why"
  done
  why=$reasons
  return 1
}

# Only where the launch template has InstanceMetadataTags enabled: else there is no such path.
tags_of_metadata() {
  local keys key value
  keys=$(metadata tags/instance/) || { why=$(one_line < "$scratch/error"); return 1; }
  for key in $keys; do # such keys have no spaces
    is_wanted "$key" || continue
    value=$(metadata "tags/instance/$key") || { why=$(one_line < "$scratch/error"); return 1; }
    tag[${key,,}]=$value
  done
}

tags_of_instance() {
  ask ec2 describe-tags --filters "Name=resource-id,Values=$instance_id" --query 'Tags[].[Key,Value]' && note_tags
}

tags_of_group() {
  find_group || return 1
  [ -n "$group" ] || { why='it is in no group'; return 1; }
  ask autoscaling describe-tags --filters "Name=auto-scaling-group,Values=$group" --query 'Tags[].[Key,Value]' && note_tags
}

note_tags() {
  local key value
  while IFS=$'\t' read -r key value; do
    is_wanted "$key" && tag[${key,,}]=$value
  done <<< "$answer"
  return 0
}

is_wanted() { [[ ${1,,} =~ ^(bucket|(apps3key|s3versionidapp|apppath)[1-9])$ ]]; }

# A slot counts when its key, version and path are all there.
find_slots() {
  local slot
  slots=()
  for slot in 1 2 3 4 5 6 7 8 9; do
    [ -n "${tag[apps3key$slot]:-}" ] && [ -n "${tag[s3versionidapp$slot]:-}" ] && [ -n "${tag[apppath$slot]:-}" ] &&
      slots+=("$slot")
  done
  [ -n "${tag[bucket]:-}" ] && [ ${#slots[@]} -gt 0 ] && return
  why='they name no bucket with a war'
  return 1
}

fetch_war() {
  local key=${tag[apps3key$1]} version=${tag[s3versionidapp$1]} file size got etag sha256 encryption
  file=$(file_of "$1")
  mkdir -p "${file%/*}"
  ask s3api get-object --bucket "${tag[bucket]}" --key "$key" --version-id "$version" --checksum-mode ENABLED \
    --query '[ContentLength,VersionId,ETag,ChecksumSHA256,ServerSideEncryption]' "$file.part" || {
    why="s3://${tag[bucket]}/$key, version $version: $why"
    [[ $why =~ NoSuchVersion|NoSuchKey|NoSuchBucket|InvalidArgument|MethodNotAllowed ]] && return 2
    return 1
  }
  read -r size got etag sha256 encryption <<< "$answer"
  why="s3://${tag[bucket]}/$key, version $version: what came is damaged"
  [ "$got" = "$version" ] && [ "$(stat -c %s "$file.part")" = "$size" ] || return 1
  is_intact "$file.part" "${etag//\"/}" "$sha256" "$encryption" || return 1
  chmod 644 "$file.part" && mv "$file.part" "$file" || return 1
  say "war $1: $key, version $version, $size bytes, is $file"
}

# A path that is no war is the folder for it.
file_of() {
  local path=${tag[apppath$1]}
  [[ $path == *.war ]] || path=${path%/}/${tag[apps3key$1]##*/}
  printf '%s' "$ROOT$path"
}

# Beside the command's own checks, of which older ones know few. The ETag is an MD5 unless the object came in parts, or
# KMS encrypts it (API reference of S3, Object: ETag); the SHA-256 of one in parts has their number behind it.
is_intact() {
  local file=$1 etag=$2 sha256=$3 encryption=$4
  if [[ $sha256 =~ ^[A-Za-z0-9+/]{43}=$ ]]; then
    [ "$(sha256sum < "$file" | cut -c 1-64)" = "$(base64 -d <<< "$sha256" | od -An -v -tx1 | tr -d ' \n')" ]
  elif [[ $etag =~ ^[0-9a-f]{32}$ && $encryption != aws:kms* ]]; then
    [ "$(md5sum < "$file" | cut -c 1-32)" = "$etag" ]
  fi
}

# A Tomcat of the packaged program with a folder of its own, the same on each system.
write_base() {
  mkdir -p "$base"/{conf/Catalina/localhost,webapps,work,temp,logs,health/WEB-INF}
  local file
  for file in web.xml catalina.properties; do # where Debian has them, and where others do
    cat "$CATALINA_HOME/etc/$file" 2> /dev/null > "$base/conf/$file" || cat "$CATALINA_HOME/conf/$file" > "$base/conf/$file"
  done
  # Debian names Tomcat's own jars so that Tomcat looks into each for tags, which takes seconds.
  sed -i 's/^\(tomcat\.util\.scan\.StandardJarScanFilter\.jarsToSkip=\)/\1tomcat*.jar,eclipse-jdt*.jar,/' \
    "$base/conf/catalina.properties"
  cat > "$base/conf/logging.properties" << EOF
handlers = java.util.logging.ConsoleHandler
.handlers = java.util.logging.ConsoleHandler
java.util.logging.ConsoleHandler.formatter = org.apache.juli.OneLineFormatter
EOF
  # An Application Load Balancer keeps idle connections for 60 s: whoever hangs up earlier gets its users a 502.
  cat > "$base/conf/server.xml" << EOF
<Server port="-1">
  <Service name="Catalina">
    <Connector port="$PORT"${LISTEN_ADDRESS:+ address=\"$LISTEN_ADDRESS\"} protocol="HTTP/1.1" connectionTimeout="20000"
               keepAliveTimeout="75000" maxKeepAliveRequests="-1" />
    <Engine name="Catalina" defaultHost="localhost">
      <Host name="localhost" appBase="webapps" autoDeploy="false" />
    </Engine>
  </Service>
</Server>
EOF
  local slot
  for slot in "${slots[@]}"; do write_context "$(file_of "$slot")"; done
  write_health
  cat > "$base/run" << EOF
#!/bin/sh
cd "$base" && exec "$(command -v java)" $JAVA_OPTIONS \\
  -Dcatalina.home="$CATALINA_HOME" -Dcatalina.base="$base" -Djava.io.tmpdir="$base/temp" -Djava.awt.headless=true \\
  -Djava.util.logging.manager=org.apache.juli.ClassLoaderLogManager \\
  -Djava.util.logging.config.file="$base/conf/logging.properties" \\
  -cp "$CATALINA_HOME/bin/bootstrap.jar:$CATALINA_HOME/bin/tomcat-juli.jar" org.apache.catalina.startup.Bootstrap start
EOF
  chmod 755 "$base/run"
}

# Tomcat finds what is in webapps, and is told of what is elsewhere. Its name is its context: a#b.war is /a/b.
write_context() {
  local name=${1##*/}
  name=${name%.war}
  [ "${1%/*}" = "$base/webapps" ] ||
    printf '<Context docBase="%s" />\n' "$1" > "$base/conf/Catalina/localhost/$name.xml"
  name=${name%%##*}
  if [ "$name" = ROOT ]; then checks+=('/'); else checks+=("/${name//#//}$WAR_HEALTH_PATH"); fi
}

# An application of its own that asks every war anew each time, the first that is ill says why. Without the redirect to
# /health/ that Tomcat answers else.
write_health() {
  printf '<Context docBase="%s" mapperContextRootRedirectEnabled="false" />\n' "$base/health" \
    > "$base/conf/Catalina/localhost/health.xml"
  cat > "$base/health/WEB-INF/web.xml" << EOF
<web-app version="3.0" metadata-complete="true">
  <servlet><servlet-name>health</servlet-name><jsp-file>/health.jsp</jsp-file></servlet>
  <servlet-mapping><servlet-name>health</servlet-name><url-pattern>/*</url-pattern></servlet-mapping>
</web-app>
EOF
  {
    printf '<%%@ page contentType="text/plain" session="false" import="java.net.*" %%><%%\n'
    printf 'for (String path : new String[] {%s}) {\n' "$(printf '"%s",' "${checks[@]}")"
    cat << 'EOF'
  String ill = null;
  try {
    URL url = new URL("http", request.getLocalAddr(), request.getLocalPort(), path);
    HttpURLConnection connection = (HttpURLConnection) url.openConnection();
    connection.setConnectTimeout(1000);
    connection.setReadTimeout(2000);
    connection.setInstanceFollowRedirects(false);
    if (connection.getResponseCode() >= 400) ill = String.valueOf(connection.getResponseCode());
    connection.disconnect();
  } catch (java.io.IOException error) {
    ill = error.toString();
  }
  if (ill != null) {
    response.setStatus(503);
    out.println(path + ": " + ill);
    return;
  }
}
out.println("well");
%>
EOF
  } > "$base/health/health.jsp"
}

start_tomcat() {
  say "starting Tomcat; it is asked for ${checks[*]}"
  if [ -n "$ROOT" ]; then
    "$base/run" > "$base/logs/console.log" 2>&1 &
    return
  fi
  id tomcat > /dev/null 2>&1 || useradd --system --no-create-home --shell /sbin/nologin tomcat
  chown -R tomcat: "$base"
  cat > "/etc/systemd/system/$SERVICE.service" << EOF
[Unit]
Description=Tomcat with the wars that the tags of this instance name
After=network-online.target
Wants=network-online.target

[Service]
ExecStart=$base/run
User=tomcat
SuccessExitStatus=143
Restart=on-failure
LimitNOFILE=65536
NoNewPrivileges=true

[Install]
WantedBy=multi-user.target
EOF
  systemctl daemon-reload
  systemctl enable --now "$SERVICE"
}

tomcat_log() {
  if [ -e "$base/logs/console.log" ]; then
    tail -n 40 "$base/logs/console.log"
  elif command -v journalctl > /dev/null; then
    journalctl -u "$SERVICE" -n 40 -o cat --no-pager
  fi | sed 's/^/tomcat: /'
}

is_well() {
  local said
  said=$(curl -sS -m 10 -w ' (%{http_code})' "http://${LISTEN_ADDRESS:-127.0.0.1}:$PORT/health" 2>&1 | one_line)
  [[ $said == *'(200)' ]] && return
  why="/health: $said"
  if [[ -z $has_answered && $said != *'(000)' ]]; then
    has_answered=yes
    patience=$ILL_SECONDS
    deadline=$((SECONDS + patience))
  fi
  return 1
}

# Goes on with the launch, or ends it, where a lifecycle hook of the group holds the instance.
complete_hooks() {
  [ -n "$instance_id" ] || return 0
  local hook attempt
  for attempt in 1 2 3 4 5 6 7 8 9 10; do
    find_group || break
    [ "$state" = Pending ] || break # on its way to the hook, or to the load balancers
    sleep 3
  done
  if [ -z "${state:-}" ]; then
    say "not known whether a lifecycle hook waits: $why"
  elif [ "$state" = Pending:Wait ]; then
    local launching="LifecycleHooks[?LifecycleTransition=='autoscaling:EC2_INSTANCE_LAUNCHING'].[LifecycleHookName]"
    ask autoscaling describe-lifecycle-hooks --auto-scaling-group-name "$group" --query "$launching" ||
      say "cannot find the lifecycle hook: $why"
    for hook in $answer; do complete_hook "$hook" "$1"; done
  fi
}

# The first attempts may be told that there is no such action, although the instance is said to wait for it.
complete_hook() {
  local attempt
  for attempt in 1 2 3 4 5 6; do
    ask autoscaling complete-lifecycle-action --auto-scaling-group-name "$group" --lifecycle-hook-name "$1" \
      --instance-id "$instance_id" --lifecycle-action-result "$2" && { say "lifecycle hook $1: $2"; return; }
    sleep 5
  done
  say "lifecycle hook $1 is not completed: $why"
}

# Group and state of this instance; empty where it is in none.
find_group() {
  group='' state=''
  ask autoscaling describe-auto-scaling-instances --instance-ids "$instance_id" \
    --query 'AutoScalingInstances[].[AutoScalingGroupName,LifecycleState]' || return 1
  IFS=$'\t' read -r group state <<< "$answer"
  why='it is in no Auto Scaling group'
}

# ask SERVICE OPERATION...: its text is $answer, or what is wrong $why.
ask() {
  local left=$((deadline - SECONDS))
  answer=$(timeout $((left > 30 ? left : 30)) aws ${AWS_ENDPOINT_URL:+--endpoint-url "$AWS_ENDPOINT_URL"} --output text \
    --cli-connect-timeout 5 --cli-read-timeout "$READ_SECONDS" "$@" 2> "$scratch/error") && return
  answer=''
  why=$(one_line < "$scratch/error")
  [ -n "$why" ] || why="aws $1 $2 said nothing in time"
  return 1
}

one_line() { tr -s '\n\t ' ' ' | sed 's/^ //; s/ $//' | cut -c 1-500; }

main
