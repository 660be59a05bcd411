# A fleet that the blue/green deployer deploys to. ../README.md says how to use it, and why it is written as it is.

terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

locals {
  # The tags that never change.
  static_tags = {
    taskfordeploy = var.task
    bucket        = var.war_bucket
    apps3key1     = var.war_key
    apppath1      = var.war_path
  }
}

# Active at first; which of the two it is later, deployments decide. What they change is what `ignore_changes` names: it is
# given here once, when the group is made.
resource "aws_autoscaling_group" "blue" {
  name                      = "${var.name}-blue"
  vpc_zone_identifier       = var.subnet_ids
  min_size                  = var.sizes.min
  desired_capacity          = var.sizes.desired
  max_size                  = var.sizes.max
  target_group_arns         = [aws_lb_target_group.application.arn, aws_lb_target_group.network.arn]
  load_balancers            = aws_elb.classic[*].name
  health_check_type         = "ELB"
  health_check_grace_period = 300
  wait_for_capacity_timeout = "0"
  depends_on                = [aws_iam_role_policy.instance]

  launch_template {
    id      = aws_launch_template.instance.id
    version = aws_launch_template.instance.latest_version
  }

  tag {
    key                 = "type"
    value               = "Active"
    propagate_at_launch = false
  }

  tag {
    key                 = "s3versionidapp1"
    value               = var.war_version_id
    propagate_at_launch = true
  }

  # The instances of a group that is made are launched at once: they need these before `aws_autoscaling_group_tag` is there.
  dynamic "tag" {
    for_each = local.static_tags

    content {
      key                 = tag.key
      value               = tag.value
      propagate_at_launch = true
    }
  }

  lifecycle {
    ignore_changes = [
      tag,
      load_balancers,
      target_group_arns,
      traffic_source,
      min_size,
      max_size,
      desired_capacity,
      suspended_processes,
    ]
  }
}

resource "aws_autoscaling_group" "green" {
  name                      = "${var.name}-green"
  vpc_zone_identifier       = var.subnet_ids
  min_size                  = 0
  desired_capacity          = 0
  max_size                  = 0
  health_check_type         = "ELB"
  health_check_grace_period = 300
  wait_for_capacity_timeout = "0"

  launch_template {
    id      = aws_launch_template.instance.id
    version = aws_launch_template.instance.latest_version
  }

  tag {
    key                 = "type"
    value               = "StandBy"
    propagate_at_launch = false
  }

  tag {
    key                 = "s3versionidapp1"
    value               = var.war_version_id
    propagate_at_launch = true
  }

  lifecycle {
    ignore_changes = [
      tag,
      load_balancers,
      target_group_arns,
      traffic_source,
      min_size,
      max_size,
      desired_capacity,
      suspended_processes,
    ]
  }
}

resource "aws_autoscaling_group_tag" "blue" {
  for_each               = local.static_tags
  autoscaling_group_name = aws_autoscaling_group.blue.name

  tag {
    key                 = each.key
    value               = each.value
    propagate_at_launch = true
  }
}

resource "aws_autoscaling_group_tag" "green" {
  for_each               = local.static_tags
  autoscaling_group_name = aws_autoscaling_group.green.name

  tag {
    key                 = each.key
    value               = each.value
    propagate_at_launch = true
  }
}
